//! The command line: what it teaches is true, and what is mistyped is told.

use clap::{Command, CommandFactory, Parser};
use dispatcher_server::Cli;
use dispatcher_settings::{Settings, Sources};
use dispatcher_stage::program::run;
use std::collections::BTreeSet;

const PROGRAM: &str = "message-dispatcher-server";

/// Every command with its words and its long help, the program itself first.
fn commands() -> Vec<(Vec<String>, String)> {
    fn walk(mut command: Command, words: &[String], all: &mut Vec<(Vec<String>, String)>) {
        all.push((words.to_vec(), command.render_long_help().to_string()));
        let own = command.get_subcommands().filter(|command| command.get_name() != "help");
        for sub in own.cloned().collect::<Vec<_>>() {
            let words = [words, &[sub.get_name().to_owned()]].concat();
            walk(sub, &words, all);
        }
    }
    let mut all = Vec::new();
    walk(Cli::command(), &[], &mut all);
    all
}

/// What a line of help says to type: its variables and its arguments.
struct Example {
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
}

/// All lines of help that call the program, as a shell or as a JSON list.
fn examples(help: &str) -> Vec<Example> {
    // The heading of usage has the form of none.
    let help = help.replace("Usage: ", "Usage:").replace("\\\n", " ");
    let lines = help.lines().filter(|line| line.contains(PROGRAM));
    lines.filter_map(example).collect()
}

fn example(line: &str) -> Option<Example> {
    let words: Vec<String> = match line.find('[') {
        Some(list) => {
            let list: Vec<String> = serde_json::from_str(&line[list..]).ok()?;
            list.into_iter().filter(|word| word != "CMD").collect()
        }
        None => line.split_whitespace().map(str::to_owned).collect(),
    };
    let at = words.iter().position(|word| word == PROGRAM)?;
    let variable = |word: &String| {
        word.split_once('=').map(|(name, value)| (name.to_owned(), value.replace('…', "x")))
    };
    // Anything else before it makes it a sentence and no example.
    let variables = words[..at].iter().map(variable).collect::<Option<_>>()?;
    let arguments = words[at..].iter().take_while(|word| !word.starts_with('>'));
    Some(Example { variables, arguments: arguments.cloned().collect() })
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_shows_how_it_is_called_and_how_it_ends() {
    for (words, help) in commands() {
        let called = [&[PROGRAM.to_owned()], &words[..]].concat();
        let shown = examples(&help).iter().any(|example| example.arguments.starts_with(&called));
        assert!(shown, "{called:?} has no example of itself:\n{help}");
        assert!(help.contains("Exit codes:"), "{called:?}:\n{help}");
    }
}

#[test]
fn every_example_is_understood() {
    let mut seen = 0;
    for (words, help) in commands() {
        for Example { variables, arguments } in examples(&help) {
            let parsed = Cli::try_parse_from(&arguments);
            assert!(parsed.is_ok(), "{words:?}: {arguments:?}: {}", parsed.unwrap_err());
            let loaded = Settings::load(Sources::of(variables.clone()));
            assert!(loaded.is_ok(), "{words:?}: {variables:?}: {}", loaded.unwrap_err());
            for (name, _) in variables {
                assert!(settings().contains(&name), "{words:?}: {name} is no setting");
            }
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} examples were found");
}

/// All variables, out of their manual.
fn settings() -> BTreeSet<String> {
    let manual = include_str!("../../../crates/settings/defaults.toml");
    let entries = manual.lines().filter(|line| !line.starts_with('#'));
    let names = entries.filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.to_uppercase()).collect()
}

/// Words in capitals that are no variables.
const OTHER_WORDS: [&str; 17] = [
    "API",
    "CMD",
    "COMMAND",
    "DURATION",
    "HEALTHCHECK",
    "HTTP",
    "INSERT",
    "JSON",
    "OPTIONS",
    "PORT",
    "POST",
    "REST",
    "SHELL",
    "SIGTERM",
    "SMS",
    "URL",
    "DATA_DIR",
];

#[test]
fn every_variable_that_help_names_is_a_setting() {
    let settings = settings();
    let mut seen = BTreeSet::new();
    for (words, help) in commands() {
        let name_like = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for word in help.split(|c| !name_like(c)).filter(|word| word.len() > 2) {
            let in_capitals = word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            if in_capitals && !OTHER_WORDS.contains(&word) && word != "PROFILE" {
                // `DB_PASSWORD_FILE` stands for `DB_PASSWORD`.
                let known = |name: &str| settings.contains(name);
                let known = known(word) || word.strip_suffix("_FILE").is_some_and(known);
                assert!(known, "{words:?} names {word}, which is no setting");
                seen.insert(word.to_owned());
            }
        }
    }
    for most_important in ["DATABASE_URL", "SMS_API_URL", "PROCESSING_INTERVAL", "SERVER_PORT"] {
        assert!(seen.contains(most_important), "help does not name {most_important}");
    }
}

#[test]
fn every_exit_code_is_in_the_help_and_in_the_documentation() {
    let source = include_str!("../../wiring/src/exit.rs");
    let codes = source.lines().filter_map(|line| {
        let (_, value) = line.strip_prefix("pub const ")?.split_once(": u8 = ")?;
        value.strip_suffix(';')
    });
    let codes: Vec<_> = ["0"].into_iter().chain(codes).collect();
    assert!(codes.len() >= 6, "{codes:?}");
    let help = Cli::command().render_long_help().to_string();
    let documentation = include_str!("../../../docs/commands.md");
    for code in codes {
        assert!(help.contains(&format!("\n{code:>5}  ")), "{code} is not in:\n{help}");
        let row = format!("\n| {code} |");
        assert!(documentation.contains(&row), "docs/commands.md has no row for {code}");
    }
}

#[test]
fn the_documentation_knows_every_command() {
    let documentation = include_str!("../../../docs/commands.md");
    for (words, _) in commands() {
        let called = format!("`{}", words.join(" "));
        assert!(documentation.contains(&called), "docs/commands.md does not know {called}`");
    }
}

#[tokio::test]
async fn help_is_printed_short_and_long() {
    for (words, _) in commands() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let long = run(&[&words[..], &["--help"]].concat(), &[]).await;
        let short = run(&[&words[..], &["-h"]].concat(), &[]).await;
        for help in [&long, &short] {
            assert_eq!((help.code, help.err.as_str()), (Some(0), ""), "{words:?}");
            let wide = help.out.lines().find(|line| line.chars().count() > 100);
            assert_eq!(wide, None, "{words:?}");
            assert!(help.out.contains(PROGRAM), "{words:?}:\n{}", help.out);
        }
        assert!(short.out.len() <= long.out.len(), "{words:?}");
    }
}

#[tokio::test]
async fn the_version_is_short_or_tells_the_build() {
    let short = run(&["-V"], &[]).await;
    let version = format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"));
    assert_eq!((short.code, short.out.as_str()), (Some(0), version.as_str()));
    let long = run(&["--version"], &[]).await;
    assert_eq!(long.code, Some(0));
    let build = long.out.strip_prefix(&version).unwrap_or_else(|| panic!("{}", long.out));
    assert!(build.contains("(commit ") && build.contains("built "), "{build}");
}

#[tokio::test]
async fn what_is_mistyped_is_told_with_what_may_be_meant() {
    let wrong: [(&[&str], &[&str]); 8] = [
        (&["serv"], &["'serve'", "--help"]),
        (&["healthchek"], &["'healthcheck'", "--help"]),
        (&["serve", "--port", "1"], &["--port", "--help"]),
        (&["dev", "--prot", "1"], &["'--port'", "--help"]),
        (&["dev", "--port", "x"], &["'--port <PORT>'", "--help"]),
        (&["dev", "--interval", "5"], &["'--interval <DURATION>'", "needs a unit: 5s"]),
        (&["dev", "--interval", "soon"], &["'--interval <DURATION>'", "such as 90s, 2m"]),
        (&["completions", "tcsh"], &["bash", "fish", "zsh"]),
    ];
    for (arguments, told) in wrong {
        let ended = run(arguments, &[]).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{arguments:?}");
        for text in told {
            assert!(ended.err.contains(text), "{text} is not in:\n{}", ended.err);
        }
        assert!(!ended.err.contains("PROCESSING_INTERVAL"), "{}", ended.err);
    }
}

#[tokio::test]
async fn there_is_a_completion_script_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell], &[]).await;
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""), "{shell}");
        for word in ["healthcheck", "interval"] {
            assert!(script.out.contains(word), "{shell}: {word} is not in:\n{}", script.out);
        }
    }
}

/// bash itself is asked; of the other shells none is sure to be there.
#[cfg(unix)]
#[tokio::test]
async fn bash_understands_its_script_and_completes_with_it() {
    let script = run(&["completions", "bash"], &[]).await.out;
    // The script registers its function under a name of its own.
    let complete = "
        [[ $(complete -p message-dispatcher-server) =~ -F\\ ([^ ]+) ]]
        COMP_WORDS=(message-dispatcher-server heal) COMP_CWORD=1
        ${BASH_REMATCH[1]} message-dispatcher-server heal message-dispatcher-server
        printf '%s\\n' \"${COMPREPLY[@]}\"";
    let bash = |flag: &str, script: &str| {
        std::process::Command::new("bash").args([flag, script]).output().expect("bash is there")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("script");
    std::fs::write(&file, &script).expect("it is written");
    let checked = bash("-n", file.to_str().expect("a path"));
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}");
    let completed = bash("-c", &format!("{script}\n{complete}"));
    let words = String::from_utf8_lossy(&completed.stdout);
    assert_eq!(words.trim(), "healthcheck", "{completed:?}");
}
