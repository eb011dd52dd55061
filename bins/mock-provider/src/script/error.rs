//! What is wrong with a script, said to the person who wrote it.

/// A script that does not parse: which step, what is wrong with it, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step} of the script, `{text}`: {problem}")]
pub struct ScriptError {
    step: usize,
    text: String,
    problem: String,
}

impl ScriptError {
    pub(super) fn new(step: usize, text: &str, problem: String) -> Self {
        Self { step, text: text.trim().to_owned(), problem }
    }

    /// Which step it is, counted from 1. `then …` counts as a step.
    #[must_use]
    pub fn step(&self) -> usize {
        self.step
    }

    /// The step as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it and what would be right, without the step itself.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}
