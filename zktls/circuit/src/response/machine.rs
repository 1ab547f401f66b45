//! The machine that reads a response: one state before each byte, one class a byte.
//!
//! The same [`State::step`] makes the circuit's table and, in the native parser, the witness. Levels count from the template's
//! object: 0 is inside it, 1 inside the objects and arrays it holds. Outside of it the machine counts depth from the top.
//!
//! An *event* is the opening of an element at the template's depth, and each colon after a key at levels 0 and 1. Its
//! position is remembered until the next one.

/// Depths that a template may name: 1 to 4.
pub const DEPTHS: usize = 4;
/// Levels below the template's object.
pub const DEEPEST: u8 = 15;

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
    /// `"`.
    Quote,
    /// `\`.
    Backslash,
    /// `{`.
    Brace,
    /// `[`.
    Bracket,
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
        Self::Quote,
        Self::Backslash,
        Self::Brace,
        Self::Bracket,
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
            b'"' => Self::Quote,
            b'\\' => Self::Backslash,
            b'{' => Self::Brace,
            b'[' => Self::Bracket,
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

    const fn opens(self) -> bool {
        matches!(self, Self::Brace | Self::Bracket)
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
    /// At a level in an object where an array should hold the template's object.
    Skip(u8),
    /// In a string there.
    SkipText(u8),
    /// After a backslash in it.
    SkipEscape(u8),
    /// At a level in the template's object.
    Plain(u8),
    /// In a string there that can't be a key: it is deeper, or has an escape.
    Text(u8),
    /// After a backslash in a string.
    Escape(u8),
    /// After a key's colon, level 0 or 1, until its value begins.
    AfterColon(u8),
    /// After a string without escapes at level 0 or 1, and perhaps one space.
    AfterKey(u8, bool),
    /// In such a string.
    Key(u8),
}

/// What a byte does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub next: State,
    /// Its position is remembered.
    pub event: bool,
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
            all.extend([Self::Skip(level), Self::SkipText(level), Self::SkipEscape(level)]);
        }
        for level in 0..=1 {
            all.extend([Self::AfterColon(level), Self::AfterKey(level, false), Self::AfterKey(level, true), Self::Key(level)]);
        }
        all
    }

    /// Its number, 0 to 255. The gadgets count on: sizes follow the body; a state at level 1 follows the one at level 0;
    /// `AfterKey` with a space is 2 away from the one without.
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
            Self::Key(level) => 80 + level,
            Self::Skip(level) => 82 + level,
            Self::SkipText(level) => 98 + level,
            Self::SkipEscape(level) => 114 + level,
        }
    }

    /// What a byte of this class does where the template's object stands at `depth`; nothing where it may not stand here.
    #[must_use]
    pub fn step(self, class: Class, depth: u8) -> Option<Step> {
        use State::{
            AfterColon, AfterKey, Body, Chunk, End, Escape, Extension, Header, HeaderEnd, HeaderFeed, HeaderReturn, Key, Outer,
            OuterEscape, OuterText, Plain, Size, SizeReturn, Skip, SkipEscape, SkipText, Text,
        };
        let to = |next| Some(Step { next, event: false });
        let event = |next| Some(Step { next, event: true });
        match (self, class) {
            (Header | HeaderFeed, Class::Feed) => None,
            (Header, Class::Return) => to(HeaderReturn),
            (HeaderFeed, Class::Return) => to(HeaderEnd),
            (Header | HeaderFeed, _) => to(Header),
            (HeaderReturn, Class::Feed) => to(HeaderFeed),
            (HeaderEnd, Class::Feed) => to(Body),
            (HeaderReturn | HeaderEnd, _) => None,

            (Body | Chunk, class) if class.opens() => match depth {
                1 => event(Plain(0)),
                2 if class == Class::Brace => None,
                _ => to(Outer(1)),
            },
            (Body, Class::Hex) => to(Size(1)),
            (Size(digits), Class::Hex) if digits < 8 => to(Size(digits + 1)),
            (Size(_), Class::Semicolon) => to(Extension),
            (Size(_) | Extension, Class::Return) => to(SizeReturn),
            (SizeReturn, Class::Feed) => to(Chunk),
            (Body | Chunk | Size(_) | SizeReturn, _) | (Extension, Class::Feed) => None,
            (Extension, _) => to(Extension),
            (End, _) => to(End),

            (Outer(_) | Skip(_) | Plain(_) | AfterColon(_) | AfterKey(..), Class::Backslash) => None,
            (Outer(at), class) if class.opens() => match at + 1 {
                inner if inner == depth => event(Plain(0)),
                inner if inner + 1 == depth && class == Class::Brace => to(Skip(0)),
                inner => (inner <= 3).then_some(Outer(inner)).and_then(to),
            },
            (Outer(1), Class::Close) => to(End),
            (Outer(at), Class::Close) => to(Outer(at - 1)),
            (Outer(at), Class::Quote) => to(OuterText(at)),
            (Outer(at), _) => to(Outer(at)),
            (OuterText(at), Class::Quote) => to(Outer(at)),
            (OuterText(at), Class::Backslash) => to(OuterEscape(at)),
            (OuterText(at) | OuterEscape(at), _) => to(OuterText(at)),

            (Skip(level), class) if class.opens() => (level < DEEPEST).then_some(Skip(level + 1)).and_then(to),
            (Skip(0), Class::Close) => (depth > 2).then_some(depth).and_then(|depth| to(Outer(depth - 2))),
            (Skip(level), Class::Close) => to(Skip(level - 1)),
            (Skip(level), Class::Quote) => to(SkipText(level)),
            (Skip(level), _) => to(Skip(level)),
            (SkipText(level), Class::Quote) => to(Skip(level)),
            (SkipText(level), Class::Backslash) => to(SkipEscape(level)),
            (SkipText(level) | SkipEscape(level), _) => to(SkipText(level)),

            (AfterColon(_), class) if class.is_white() => to(self),
            (AfterKey(level, _), Class::Colon) => event(AfterColon(level)),
            (AfterKey(level, false), Class::Space) => to(AfterKey(level, true)),
            (Plain(0 | 1), Class::Colon) => None,
            (Plain(level) | AfterColon(level) | AfterKey(level, _), class) => match class {
                Class::Quote if level <= 1 => to(Key(level)),
                Class::Quote => to(Text(level)),
                Class::Brace | Class::Bracket => (level < DEEPEST).then_some(Plain(level + 1)).and_then(to),
                Class::Close if level == 0 => to(Self::around(depth)),
                Class::Close => to(Plain(level - 1)),
                _ => to(Plain(level)),
            },
            (Key(level), Class::Quote) => to(AfterKey(level, false)),
            (Text(level), Class::Quote) => to(Plain(level)),
            (Text(level) | Key(level), Class::Backslash) => to(Escape(level)),
            (Key(level), _) => to(Key(level)),
            (Text(level) | Escape(level), _) => to(Text(level)),
        }
    }

    /// The state after an element at `depth` has closed.
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
    /// Which bytes are events.
    pub events: Vec<bool>,
}

impl Trace {
    /// Through the whole text; also the position at which the machine stopped, if it did.
    #[must_use]
    pub fn run(text: &[u8], depth: u8) -> (Self, Option<usize>) {
        let mut trace = Self { states: vec![State::Header], events: Vec::new() };
        let mut state = State::Header;
        for (at, byte) in text.iter().enumerate() {
            let Some(step) = state.step(Class::of(*byte), depth) else { return (trace, Some(at)) };
            trace.events.push(step.event);
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

    /// Whether the byte at a position is an event.
    #[must_use]
    pub fn event(&self, at: usize) -> bool {
        self.events.get(at).copied().unwrap_or_default()
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
        assert_eq!(State::AfterKey(1, true).code(), State::AfterKey(0, false).code() + 3);
        for state in State::all() {
            for (class, depth) in Class::ALL.into_iter().flat_map(|class| (1..=4).map(move |depth| (class, depth))) {
                assert!(state.step(class, depth).is_none_or(|step| State::all().contains(&step.next)));
            }
        }
    }

    /// Where steps differ by the depth, the states are the few around the object; a depth that has no step there never comes there, but for
    /// an object that should be an array.
    #[test]
    fn depth_matters_where_the_object_opens_and_closes() {
        for state in State::all() {
            for class in Class::ALL {
                let steps: Vec<_> = (1..=DEPTHS as u8).map(|d| state.step(class, d)).collect();
                if steps.windows(2).all(|s| s[0] == s[1]) {
                    continue;
                }
                let opens = matches!(state, State::Body | State::Chunk | State::Outer(_)) && class.opens();
                let closes = class == Class::Close && !matches!(state, State::Outer(_));
                assert!(opens || closes, "{state:?} {class:?}");
                let never = matches!(state, State::Outer(3) | State::Skip(0));
                let no_array = matches!(state, State::Body | State::Chunk) && class == Class::Brace && steps[1].is_none();
                assert!(steps.iter().all(Option::is_some) || never || no_array, "{state:?} {class:?}");
            }
        }
    }
}
