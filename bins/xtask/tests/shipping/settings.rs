//! Deployments set what is a setting. docs/configuration.md is generated from the code, so it has them all.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};

use crate::read;

/// A file of `deploy`, where in it the settings are, and how a line of them begins.
struct Place {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    before: &'static str,
    after: char,
}

const PLACES: [Place; 6] = [
    Place {
        file: "compose.yaml",
        from: "x-database:",
        to: "\nservices:",
        before: "  ",
        after: ':',
    },
    Place {
        file: "compose.yaml",
        from: "\n  server:\n",
        to: "    ports:",
        before: "      ",
        after: ':',
    },
    Place { file: "kubernetes/base/settings.env", from: "", to: "", before: "", after: '=' },
    Place {
        file: "kubernetes/base/deployment.yaml",
        from: "          env:",
        to: "livenessProbe",
        before: "            - name: ",
        after: '\n',
    },
    Place {
        file: "kubernetes/example/kustomization.yaml",
        from: "literals:",
        to: "images:",
        before: "      - ",
        after: '=',
    },
    Place { file: "systemd/environment.example", from: "", to: "", before: "", after: '=' },
];

#[test]
fn deployments_set_only_settings_that_exist() -> anyhow::Result<()> {
    let page = read("docs/configuration.md")?;
    let known: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    ensure!(known.contains("SMS_API_URL") && !known.contains("SMS_API_URI"), "nothing was read");
    for place in &PLACES {
        let names = place.names()?;
        ensure!(names.len() >= 3, "{}: only {} settings were found", place.file, names.len());
        for name in names {
            ensure!(known.contains(name.as_str()), "{} sets {name}, which is none", place.file);
        }
    }
    Ok(())
}

impl Place {
    fn names(&self) -> anyhow::Result<Vec<String>> {
        let text = read(&format!("deploy/{}", self.file))?;
        let (_, text) = text.split_once(self.from).with_context(|| self.from.to_owned())?;
        let text = match self.to {
            "" => text,
            to => text.split_once(to).with_context(|| to.to_owned())?.0,
        };
        let is_name = |word: &str| {
            word.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !word.is_empty()
        };
        let words = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(self.before)?;
            rest.split(self.after).next().filter(|word| is_name(word)).map(str::to_owned)
        });
        Ok(words.collect())
    }
}
