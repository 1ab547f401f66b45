//! The machine that reads a response: one state before each byte, one class a byte.
//!
//! The same [`State::step`] makes the circuit's table and, in the native parser, the witness. Levels count from the template's
//! object: 0 is inside it, 1 inside the objects and arrays it holds. Outside of it the machine counts depth from the top.
//!
//! Two things come out of a step. An *event* marks the opening of an object at the template's depth and each colon after
//! a key at levels 0 and 1; its position is remembered until the next event. A *taken* byte is appended to a number, which is
//! zero again after each byte that is not taken: the digits of a chunk's size, and a string's content at levels 0 and 1
//! with its closing quote and at most one space after it. So before a colon that number is its key.

/// Depths that a template may name: 1 to 4.
pub const DEPTHS: usize = 4;
/// Levels below the template's object.
pub const DEEPEST: u8 = 15;
/// The longest key or text that can be matched.
pub const LONGEST: u8 = 24;

/// What a byte is to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Anything else.
    Other,
    /// A space.
    Space,
    /// A tab.
    Tab,
    /// CR.
    Return,
    /// LF.
    Feed,
    /// Any other control character.
    Control,
    /// `"`.
    Quote,
    /// `\`.
    Backslash,
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    /// `:`.
    Colon,
    /// A hexadecimal digit.
    Hex,
    /// `;`.
    Semicolon,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 13] = [
        Self::Other,
        Self::Space,
        Self::Tab,
        Self::Return,
        Self::Feed,
        Self::Control,
        Self::Quote,
        Self::Backslash,
        Self::Open,
        Self::Close,
        Self::Colon,
        Self::Hex,
        Self::Semicolon,
    ];

    /// A byte's class.
    #[must_use]
    pub const fn of(byte: u8) -> Self {
        match byte {
            b' ' => Self::Space,
            b'\t' => Self::Tab,
            b'\r' => Self::Return,
            b'\n' => Self::Feed,
            0..=0x1f => Self::Control,
            b'"' => Self::Quote,
            b'\\' => Self::Backslash,
            b'{' | b'[' => Self::Open,
            b'}' | b']' => Self::Close,
            b':' => Self::Colon,
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => Self::Hex,
            b';' => Self::Semicolon,
            _ => Self::Other,
        }
    }

    const fn is_white(self) -> bool {
        matches!(self, Self::Space | Self::Tab | Self::Return | Self::Feed)
    }
}

/// What the machine knows before a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// In the status line or a header.
    Header,
    /// After a header's CR.
    HeaderReturn,
    /// After a header's CRLF.
    HeaderFeed,
    /// After CRLFCR.
    HeaderEnd,
    /// At the body's first byte.
    Body,
    /// After some digits of the first chunk's size, 1 to 8.
    Size(u8),
    /// In the first chunk's extensions.
    Extension,
    /// After the CR of the first chunk's line.
    SizeReturn,
    /// At the first chunk's first byte.
    Chunk,
    /// Nothing counts any more.
    End,
    /// Around the template's object, at this depth, 1 to 3.
    Outer(u8),
    /// In a string there.
    OuterText(u8),
    /// After a backslash in it.
    OuterEscape(u8),
    /// At a level in the template's object.
    Plain(u8),
    /// In a string there that is no key, or can't be matched.
    Text(u8),
    /// After a backslash in a string.
    Escape(u8),
    /// After a key's colon, level 0 or 1, until its value begins.
    AfterColon(u8),
    /// After a string at level 0 or 1, and perhaps one space.
    AfterKey(u8, bool),
    /// After a string at level 0 or 1 that is longer than [`LONGEST`].
    AfterLong(u8),
    /// In a string at level 0 or 1 after more than [`LONGEST`] bytes.
    Long(u8),
    /// In a string at level 0 or 1 after that many bytes.
    Short(u8, u8),
}

/// What a byte does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub next: State,
    /// Its position is remembered.
    pub event: bool,
    /// It is appended to the number.
    pub take: bool,
}

impl State {
    /// All states.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Header, Self::HeaderReturn, Self::HeaderFeed, Self::HeaderEnd, Self::Body];
        all.extend((1..=8).map(Self::Size));
        all.extend([Self::Extension, Self::SizeReturn, Self::Chunk, Self::End]);
        for depth in 1..=3 {
            all.extend([Self::Outer(depth), Self::OuterText(depth), Self::OuterEscape(depth)]);
        }
        for level in 0..=DEEPEST {
            all.extend([Self::Plain(level), Self::Text(level), Self::Escape(level)]);
        }
        for level in 0..=1 {
            all.extend([Self::AfterColon(level), Self::AfterKey(level, false), Self::AfterKey(level, true)]);
            all.extend([Self::AfterLong(level), Self::Long(level)]);
            all.extend((0..=LONGEST).map(|length| Self::Short(level, length)));
        }
        all
    }

    /// Its number, 0 to 255. The gadgets count on: sizes follow the body; a state at level 1 follows the one at level 0;
    /// `AfterKey`, with and without space, and `AfterLong` are 0, 2 and 4 away, and 6 is nobody.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Header => 0,
            Self::HeaderReturn => 1,
            Self::HeaderFeed => 2,
            Self::HeaderEnd => 3,
            Self::Body => 4,
            Self::Size(digits) => 4 + digits,
            Self::Extension => 13,
            Self::SizeReturn => 14,
            Self::Chunk => 15,
            Self::End => 16,
            Self::Outer(depth) => 16 + depth,
            Self::OuterText(depth) => 19 + depth,
            Self::OuterEscape(depth) => 22 + depth,
            Self::Plain(level) => 26 + level,
            Self::Text(level) => 42 + level,
            Self::Escape(level) => 58 + level,
            Self::AfterColon(level) => 74 + level,
            Self::AfterKey(level, spaced) => 76 + level + 2 * spaced as u8,
            Self::AfterLong(level) => 80 + level,
            Self::Long(level) => 84 + level,
            Self::Short(level, length) => 86 + 25 * level + length,
        }
    }

    /// What a byte of this class does where the template's object stands at `depth`; nothing where it may not stand here.
    #[must_use]
    pub fn step(self, class: Class, depth: u8) -> Option<Step> {
        let to = |next| Some(Step { next, event: false, take: false });
        let event = |next| Some(Step { next, event: true, take: false });
        let take = |next| Some(Step { next, event: false, take: true });
        let first = || if depth == 1 { event(Self::Plain(0)) } else { to(Self::Outer(1)) };
        match (self, class) {
            (Self::Header | Self::HeaderFeed, Class::Feed) => None,
            (Self::Header, Class::Return) => to(Self::HeaderReturn),
            (Self::HeaderFeed, Class::Return) => to(Self::HeaderEnd),
            (Self::Header | Self::HeaderFeed, _) => to(Self::Header),
            (Self::HeaderReturn, Class::Feed) => to(Self::HeaderFeed),
            (Self::HeaderEnd, Class::Feed) => to(Self::Body),
            (Self::HeaderReturn | Self::HeaderEnd, _) => None,

            (Self::Body | Self::Chunk, Class::Open) => first(),
            (Self::Body, Class::Hex) => take(Self::Size(1)),
            (Self::Size(digits), Class::Hex) if digits < 8 => take(Self::Size(digits + 1)),
            (Self::Size(_), Class::Semicolon) => to(Self::Extension),
            (Self::Size(_) | Self::Extension, Class::Return) => to(Self::SizeReturn),
            (Self::SizeReturn, Class::Feed) => to(Self::Chunk),
            (Self::Body | Self::Chunk | Self::Size(_) | Self::SizeReturn, _) | (Self::Extension, Class::Feed) => None,
            (Self::Extension, _) => to(Self::Extension),
            (Self::End, _) => to(Self::End),

            (Self::Outer(_) | Self::Plain(_) | Self::AfterColon(_) | Self::AfterKey(..) | Self::AfterLong(_), Class::Backslash) => None,
            (Self::Outer(at), Class::Open) if at + 1 == depth => event(Self::Plain(0)),
            (Self::Outer(at), Class::Open) => (at < 3).then_some(Self::Outer(at + 1)).and_then(to),
            (Self::Outer(1), Class::Close) => to(Self::End),
            (Self::Outer(at), Class::Close) => to(Self::Outer(at - 1)),
            (Self::Outer(at), Class::Quote) => to(Self::OuterText(at)),
            (Self::Outer(at), _) => to(Self::Outer(at)),
            (Self::OuterText(at), Class::Quote) => to(Self::Outer(at)),
            (Self::OuterText(at), Class::Backslash) => to(Self::OuterEscape(at)),
            (Self::OuterText(at) | Self::OuterEscape(at), _) => to(Self::OuterText(at)),

            (Self::AfterColon(_), class) if class.is_white() => to(self),
            (Self::AfterKey(level, _) | Self::AfterLong(level), Class::Colon) => event(Self::AfterColon(level)),
            (Self::AfterKey(level, false), Class::Space) => take(Self::AfterKey(level, true)),
            (Self::AfterLong(_), class) if class.is_white() => to(self),
            (Self::Plain(0 | 1), Class::Colon) => None,
            (Self::Plain(level) | Self::AfterColon(level) | Self::AfterKey(level, _) | Self::AfterLong(level), class) => match class {
                Class::Quote if level <= 1 => to(Self::Short(level, 0)),
                Class::Quote => to(Self::Text(level)),
                Class::Open => (level < DEEPEST).then_some(Self::Plain(level + 1)).and_then(to),
                Class::Close if level == 0 => to(Self::around(depth)),
                Class::Close => to(Self::Plain(level - 1)),
                _ => to(Self::Plain(level)),
            },
            (Self::Text(level), Class::Quote) => to(Self::Plain(level)),
            (Self::Text(level) | Self::Long(level) | Self::Short(level, _), Class::Backslash) => to(Self::Escape(level)),
            (Self::Text(level) | Self::Escape(level), _) => to(Self::Text(level)),
            (Self::Long(level), Class::Quote) => to(Self::AfterLong(level)),
            (Self::Short(level, _), Class::Quote) => take(Self::AfterKey(level, false)),
            (Self::Long(level) | Self::Short(level, _), Class::Tab | Class::Return | Class::Feed | Class::Control) => to(Self::Text(level)),
            (Self::Short(level, length), _) if length < LONGEST => take(Self::Short(level, length + 1)),
            (Self::Long(level) | Self::Short(level, _), _) => to(Self::Long(level)),
        }
    }

    /// The state after an object at `depth` has closed.
    #[must_use]
    pub const fn around(depth: u8) -> Self {
        if depth == 1 { Self::End } else { Self::Outer(depth - 1) }
    }
}

/// The machine's way through a text, for the witness: behind it, everything is [`State::End`].
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The state before each byte.
    pub states: Vec<State>,
    /// What each byte does.
    pub steps: Vec<(bool, bool)>,
}

impl Trace {
    /// Through the whole text; also the position at which the machine stopped, if it did.
    #[must_use]
    pub fn run(text: &[u8], depth: u8) -> (Self, Option<usize>) {
        let mut trace = Self { states: vec![State::Header], steps: Vec::new() };
        let mut state = State::Header;
        for (at, byte) in text.iter().enumerate() {
            let Some(step) = state.step(Class::of(*byte), depth) else { return (trace, Some(at)) };
            trace.steps.push((step.event, step.take));
            trace.states.push(step.next);
            state = step.next;
        }
        (trace, None)
    }

    /// The state before the byte at a position.
    #[must_use]
    pub fn state(&self, at: usize) -> State {
        self.states.get(at).copied().unwrap_or(State::End)
    }

    /// Whether the byte at a position is an event, and whether it is taken.
    #[must_use]
    pub fn step(&self, at: usize) -> (bool, bool) {
        self.steps.get(at).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_number_of_its_own() {
        let mut codes: Vec<u8> = State::all().into_iter().map(State::code).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        let key = State::AfterKey(0, false).code();
        assert!(!codes.contains(&(key + 6)) && !codes.contains(&(key + 7)), "a long key after a space is nobody");
        assert_eq!(State::AfterLong(1).code(), key + 5);
        assert_eq!(State::AfterKey(1, true).code(), key + 3);
        assert!(
            State::all().iter().all(|s| Class::ALL
                .iter()
                .all(|c| { (1..=4).all(|d| s.step(*c, d).is_none_or(|step| State::all().contains(&step.next))) }))
        );
    }

    /// Where steps differ by the depth, the states are the few around the object.
    #[test]
    fn depth_matters_where_the_object_opens_and_closes() {
        for state in State::all() {
            for class in Class::ALL {
                let steps: Vec<_> = (1..=DEPTHS as u8).map(|d| state.step(class, d)).collect();
                if steps.windows(2).all(|s| s[0] == s[1]) {
                    continue;
                }
                let opens = matches!(state, State::Body | State::Chunk | State::Outer(_)) && class == Class::Open;
                let closes = class == Class::Close && !matches!(state, State::Outer(_));
                assert!(opens || closes, "{state:?} {class:?}");
                // Only a depth that can't be reached has no step there.
                assert!(steps.iter().all(Option::is_some) || state == State::Outer(3));
            }
        }
    }
}
