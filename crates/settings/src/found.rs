//! What was found for a variable.

/// A value and the layer it comes from.
#[derive(Clone)]
pub(crate) struct Found {
    /// Empty: unset.
    pub(crate) text: String,
    pub(crate) origin: String,
}
