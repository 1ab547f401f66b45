//! How much of a question has been in sight. Pure.
//!
//! What a signature does must not hide below the window's edge: a "yes" counts only once a person has scrolled down to its end.

/// Points that make no difference: margins, rounding.
const SLACK: f32 = 2.0;

/// How far down somebody has looked, and must have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sight {
    scale: (f32, f32),
    seen: f32,
    must_see: Option<f32>,
}

impl Sight {
    /// Once a frame: size of the letters and width of the lines; where that which matters ends; what was in sight, down to here.
    pub fn look(&mut self, scale: (f32, f32), must_see: f32, down_to: f32) {
        if scale != self.scale {
            // Everything has moved.
            *self = Self { scale, ..Self::default() };
        }
        self.must_see = Some(must_see);
        self.seen = self.seen.max(down_to);
    }

    /// Has all that matters been in sight?
    pub fn all(&self) -> bool {
        self.must_see.is_some_and(|end| self.seen + SLACK >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_lies_below_is_to_be_scrolled_to_and_again_after_a_change_of_size() {
        let mut sight = Sight::default();
        assert!(!sight.all(), "nothing was shown yet");
        let normal = (1.0, 640.0);
        sight.look(normal, 900.0, 500.0);
        assert!(!sight.all());
        sight.look(normal, 900.0, 899.0);
        assert!(sight.all());
        sight.look(normal, 900.0, 500.0);
        assert!(sight.all(), "it was seen");
        let large = (2.0, 320.0);
        sight.look(large, 950.0, 300.0);
        assert!(!sight.all(), "at another size it lies elsewhere");
    }

    proptest! {
        #[test]
        fn all_is_seen_only_when_its_end_was(end in 100.0f32..2000.0, steps in proptest::collection::vec(0.0f32..2100.0, 1..20)) {
            let mut sight = Sight::default();
            for down_to in &steps {
                sight.look((1.0, 640.0), end, *down_to);
            }
            let furthest = steps.iter().copied().fold(0.0, f32::max);
            prop_assert_eq!(sight.all(), furthest + SLACK >= end);
        }
    }
}
