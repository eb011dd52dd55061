//! Where a script stands: which POST gets which behaviour.

use super::{After, Script};
use crate::Behaviour;

/// A script and how much of it is used up.
pub(crate) struct Player {
    script: Script,
    /// How often each rule was used, in the order of the rules.
    used: Vec<u32>,
    step: usize,
    /// How often the present step was used.
    done: u32,
}

impl Player {
    pub(crate) fn new(script: Script) -> Self {
        Self { used: vec![0; script.rules.len()], script, step: 0, done: 0 }
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    /// What to do with the next message, which is for this number.
    pub(crate) fn next(&mut self, phone_number: &str) -> Behaviour {
        if let Some(behaviour) = self.rule_for(phone_number) {
            return behaviour;
        }
        if let Some(behaviour) = self.next_step() {
            return behaviour;
        }
        match self.script.after.clone() {
            After::Always(behaviour) => behaviour,
            After::Repeat => {
                self.step = 0;
                // Nothing to repeat: no steps, or each of them zero times.
                self.next_step().unwrap_or_default()
            }
        }
    }

    fn rule_for(&mut self, phone_number: &str) -> Option<Behaviour> {
        let (rule, used) = self
            .script
            .rules
            .iter()
            .zip(&mut self.used)
            .filter(|(rule, _)| rule.phone_number == phone_number)
            .find(|(rule, used)| rule.times.is_none_or(|times| **used < times))?;
        *used = used.saturating_add(1);
        Some(rule.behaviour.clone())
    }

    fn next_step(&mut self) -> Option<Behaviour> {
        while let Some(step) = self.script.steps.get(self.step) {
            if self.done < step.times {
                self.done += 1;
                return Some(step.behaviour.clone());
            }
            self.step += 1;
            self.done = 0;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Step;

    fn played(script: &str, posts: usize) -> String {
        let mut player = Player::new(script.parse().unwrap());
        let played: Vec<_> = (0..posts).map(|_| player.next("+1").to_string()).collect();
        played.join(" ")
    }

    #[test]
    fn steps_come_in_order_and_then_the_default_for_ever() {
        assert_eq!(
            played("status=503*2, garbage, then empty", 6),
            "status=503 status=503 garbage empty empty empty"
        );
        assert_eq!(played("garbage", 3), "garbage accept accept");
        assert_eq!(played("", 2), "accept accept");
    }

    #[test]
    fn then_repeat_starts_again_from_the_first_step() {
        assert_eq!(
            played("accept*2, status=503, then repeat", 7),
            "accept accept status=503 accept accept status=503 accept"
        );
    }

    #[test]
    fn repeating_nothing_accepts_everything() {
        let mut player = Player::new(Script::default().repeating());
        assert_eq!(player.next("+1"), Behaviour::Accept);
        let never = Script::of([Step::times(0, Behaviour::Garbage)]).repeating();
        assert_eq!(Player::new(never).next("+1"), Behaviour::Accept);
    }

    #[test]
    fn a_rule_holds_for_its_number_only_and_uses_up_no_step() {
        let script = "garbage, status=400;to=+2, then accept".parse().unwrap();
        let mut player = Player::new(script);
        assert_eq!(player.next("+2"), Behaviour::status(400));
        assert_eq!(player.next("+1"), Behaviour::Garbage);
        assert_eq!(player.next("+2"), Behaviour::status(400));
        assert_eq!(player.next("+1"), Behaviour::Accept);
    }

    #[test]
    fn a_counted_rule_gives_way_to_the_next_one_and_then_to_the_steps() {
        let script = "status=500;to=+2*1, garbage;to=+2*1, empty".parse().unwrap();
        let mut player = Player::new(script);
        let names: Vec<_> = (0..4).map(|_| player.next("+2").name()).collect();
        assert_eq!(names, ["status", "garbage", "empty", "accept"]);
    }
}
