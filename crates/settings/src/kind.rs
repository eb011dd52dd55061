//! What kind of value a variable takes, for the manual.

/// The kind of a value. A test compares each with what the variable refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Taken as it is.
    Text,
    /// Whole.
    Number,
    /// With a unit.
    Duration,
    Switch,
    /// One of a few.
    Word,
    /// Name or address.
    Host,
    /// Several, separated by commas.
    Hosts,
    Ports,
    Url,
    /// PEM file that can be read at the start.
    File,
    /// Messages per second.
    Rate,
    /// Numbers, separated by commas.
    Statuses,
}

impl Kind {
    /// As the manual says it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "whole number",
            Self::Duration => "duration",
            Self::Switch => "true or false",
            Self::Word => "word",
            Self::Host => "host",
            Self::Hosts => "host, or hosts",
            Self::Ports => "whole number, or numbers",
            Self::Url => "URL",
            Self::File => "path of a PEM file",
            Self::Rate => "messages per second",
            Self::Statuses => "HTTP statuses",
        }
    }
}
