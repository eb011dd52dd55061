//! Where the server listens, for programs that only want to ask it something.

use crate::{
    errors::{SettingError, SettingsErrors},
    parse,
    reader::Reader,
    sources::Sources,
    variables::{SERVER_HOST, SERVER_PORT},
};

/// Where the API listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// Address or host name, IPv6 without brackets. It may be unspecified
    /// (`0.0.0.0`, `::`), which means every address of the machine.
    pub host: String,
    /// TCP port; zero takes any free one.
    pub port: u16,
}

impl ServerAddress {
    /// Reads `SERVER_HOST` and `SERVER_PORT`, and nothing else: who asks a
    /// running server must get its answer, whatever else is wrong by now.
    ///
    /// # Errors
    /// What is wrong with these two, or with the file `.env` as a whole.
    pub fn load(sources: &Sources) -> Result<Self, SettingsErrors> {
        let mut reader = Reader::open(sources);
        let address = Self::read(&mut reader);
        let mut errors = reader.finish().errors;
        errors.retain(concerns_us);
        if errors.is_empty() { Ok(address) } else { Err(SettingsErrors::new(errors)) }
    }

    pub(crate) fn read(reader: &mut Reader) -> Self {
        let host = reader.required(SERVER_HOST, parse::host);
        let port = reader.required(SERVER_PORT, parse::own_port);
        Self { host, port }
    }
}

/// A mistake without a variable is one of the file, and may hide ours.
fn concerns_us(error: &SettingError) -> bool {
    let ours = |name: &String| name == SERVER_HOST.name || name == SERVER_PORT.name;
    error.variables().is_empty() || error.variables().iter().any(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<ServerAddress, SettingsErrors> {
        ServerAddress::load(&Sources::of(variables.iter().copied()))
    }

    #[test]
    fn what_else_is_wrong_has_no_say() {
        let mut sources = Sources::of([
            ("SERVER_HOST", "0.0.0.0"),
            ("SERVER_PORT", "9000"),
            ("SMS_API_URL", "no URL"),
            ("DB_PORT", "none"),
        ]);
        sources.not_unicode.push("DB_PASSWORD".to_owned());
        let expected = ServerAddress { host: "0.0.0.0".to_owned(), port: 9000 };
        assert_eq!(ServerAddress::load(&sources), Ok(expected));
    }

    #[test]
    fn the_defaults_are_those_of_the_server() {
        let expected = ServerAddress { host: "127.0.0.1".to_owned(), port: 8080 };
        assert_eq!(load(&[]), Ok(expected));
    }

    #[test]
    fn what_is_wrong_with_the_address_is_told() {
        let errors = load(&[("SERVER_PORT", "eighty"), ("SERVER_HOST", "a b")]).unwrap_err();
        let text = errors.to_string();
        assert!(text.contains("SERVER_PORT=\"eighty\"") && text.contains("SERVER_HOST"), "{text}");
    }

    #[test]
    fn a_file_that_cannot_be_read_may_hide_the_port() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources { dotenv: Some(folder.path().to_owned()), ..Sources::default() };
        let text = ServerAddress::load(&sources).unwrap_err().to_string();
        assert!(text.contains("cannot be read"), "{text}");
    }
}
