//! What a change takes away and what it adds, line by line. Pure.

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Same,
    Gone,
    Added,
}

/// A line with its mark.
pub type Marked<'a> = (Mark, &'a str);

/// Beyond so many pairs of lines the comparison is not worth its time; then everything changed is said to be new.
const PAIRS: usize = 4_000_000;

/// Both sides with marks: what they share in order is the longest that can be.
pub fn sides<'a>(old: &'a [String], new: &'a [String]) -> (Vec<Marked<'a>>, Vec<Marked<'a>>) {
    let mut left: Vec<Marked<'a>> = old.iter().map(|l| (Mark::Gone, l.as_str())).collect();
    let mut right: Vec<Marked<'a>> = new.iter().map(|l| (Mark::Added, l.as_str())).collect();
    let (rows, columns) = (old.len(), new.len());
    if rows.saturating_mul(columns) > PAIRS {
        return (left, right);
    }
    // lengths[i][j]: the longest that old[i..] and new[j..] share.
    let mut lengths = vec![vec![0u32; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            lengths[i][j] = if old[i] == new[j] { lengths[i + 1][j + 1] + 1 } else { lengths[i + 1][j].max(lengths[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < rows && j < columns {
        if old[i] == new[j] {
            left[i].0 = Mark::Same;
            right[j].0 = Mark::Same;
            i += 1;
            j += 1;
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        text.split_terminator(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_stays_is_not_marked() {
        let (old, new) = (lines("a b c"), lines("a x c d"));
        let (left, right) = sides(&old, &new);
        assert_eq!(left, [(Mark::Same, "a"), (Mark::Gone, "b"), (Mark::Same, "c")]);
        assert_eq!(right, [(Mark::Same, "a"), (Mark::Added, "x"), (Mark::Same, "c"), (Mark::Added, "d")]);
        let (left, right) = sides(&[], &new);
        assert!(left.is_empty());
        assert!(right.iter().all(|(mark, _)| *mark == Mark::Added));
    }

    proptest! {
        /// Nothing is left out, and what is called the same is the same on both sides, in order.
        #[test]
        fn both_sides_are_whole(old in "([a-d] ){0,12}", new in "([a-d] ){0,12}") {
            let (old, new) = (lines(&old), lines(&new));
            let (left, right) = sides(&old, &new);
            prop_assert!(left.iter().map(|(_, l)| *l).eq(old.iter().map(String::as_str)));
            prop_assert!(right.iter().map(|(_, l)| *l).eq(new.iter().map(String::as_str)));
            let same = |side: &[Marked<'_>]| side.iter().filter(|(m, _)| *m == Mark::Same).map(|(_, l)| (*l).to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(same(&left), same(&right));
            prop_assert!(left.iter().all(|(m, _)| *m != Mark::Added) && right.iter().all(|(m, _)| *m != Mark::Gone));
            if old == new {
                prop_assert!(left.iter().all(|(m, _)| *m == Mark::Same));
            }
        }
    }
}
