//! A small GBNF reader for tests: samples lines of a grammar, and says whether a line belongs to it.

use std::collections::HashMap;

#[derive(Clone, Debug)]
enum Node {
    Literal(String),
    Rule(String),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Optional(Box<Node>),
    Many(Box<Node>),
}

pub struct Gbnf {
    rules: HashMap<String, Node>,
}

impl Gbnf {
    pub fn parse(text: &str) -> Gbnf {
        let rules: HashMap<String, Node> = text
            .lines()
            .filter(|l| !l.trim().is_empty())
            .map(|line| {
                let (name, body) = line.split_once(" ::= ").unwrap_or_else(|| panic!("no rule: {line}"));
                assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "rule name {name}");
                let chars: Vec<char> = body.chars().collect();
                let mut at = 0;
                let node = either(&chars, &mut at);
                assert_eq!(at, chars.len(), "left over in {line}");
                (name.to_owned(), node)
            })
            .collect();
        assert!(rules.contains_key("root"));
        for node in rules.values() {
            check(node, &rules);
        }
        Gbnf { rules }
    }

    /// Whether the whole line is in the grammar.
    pub fn accepts(&self, line: &str) -> bool {
        self.ends(&Node::Rule("root".to_owned()), line, 0).contains(&line.len())
    }

    fn ends(&self, node: &Node, line: &str, at: usize) -> Vec<usize> {
        match node {
            Node::Literal(text) => line[at..].starts_with(text.as_str()).then_some(at + text.len()).into_iter().collect(),
            Node::Rule(name) => self.ends(&self.rules[name], line, at),
            Node::Sequence(parts) => {
                parts.iter().fold(vec![at], |ends, part| unique(ends.into_iter().flat_map(|e| self.ends(part, line, e)).collect()))
            }
            Node::Either(options) => unique(options.iter().flat_map(|o| self.ends(o, line, at)).collect()),
            Node::Optional(inner) => unique(std::iter::once(at).chain(self.ends(inner, line, at)).collect()),
            Node::Many(inner) => {
                let mut all = vec![at];
                let mut front = vec![at];
                while !front.is_empty() {
                    front = unique(front.into_iter().flat_map(|e| self.ends(inner, line, e)).filter(|e| !all.contains(e)).collect());
                    all.extend(&front);
                }
                all
            }
        }
    }

    /// One line of the grammar, chosen by `dice` (each call: a number below its argument).
    pub fn sample(&self, dice: &mut impl FnMut(usize) -> usize) -> String {
        let mut out = String::new();
        self.write(&Node::Rule("root".to_owned()), dice, &mut out);
        out
    }

    fn write(&self, node: &Node, dice: &mut impl FnMut(usize) -> usize, out: &mut String) {
        match node {
            Node::Literal(text) => out.push_str(text),
            Node::Rule(name) => self.write(&self.rules[name], dice, out),
            Node::Sequence(parts) => parts.iter().for_each(|p| self.write(p, dice, out)),
            Node::Either(options) => self.write(&options[dice(options.len())], dice, out),
            Node::Optional(inner) => {
                if dice(2) == 0 {
                    self.write(inner, dice, out);
                }
            }
            Node::Many(inner) => {
                for _ in 0..3 {
                    if dice(4) != 0 {
                        break;
                    }
                    self.write(inner, dice, out);
                }
            }
        }
    }
}

fn unique(mut ends: Vec<usize>) -> Vec<usize> {
    ends.sort_unstable();
    ends.dedup();
    ends
}

fn check(node: &Node, rules: &HashMap<String, Node>) {
    match node {
        Node::Rule(name) => assert!(rules.contains_key(name), "undefined rule {name}"),
        Node::Sequence(parts) | Node::Either(parts) => parts.iter().for_each(|p| check(p, rules)),
        Node::Optional(inner) | Node::Many(inner) => check(inner, rules),
        Node::Literal(_) => {}
    }
}

fn either(chars: &[char], at: &mut usize) -> Node {
    let mut options = vec![sequence(chars, at)];
    while chars.get(*at) == Some(&'|') {
        *at += 1;
        options.push(sequence(chars, at));
    }
    if options.len() == 1 { options.remove(0) } else { Node::Either(options) }
}

fn sequence(chars: &[char], at: &mut usize) -> Node {
    let mut parts = Vec::new();
    loop {
        while chars.get(*at) == Some(&' ') {
            *at += 1;
        }
        let node = match chars.get(*at) {
            None | Some('|' | ')') => break,
            Some('"') => literal(chars, at),
            Some('(') => {
                *at += 1;
                let inner = either(chars, at);
                assert_eq!(chars.get(*at), Some(&')'), "unclosed group");
                *at += 1;
                inner
            }
            Some(_) => {
                let start = *at;
                while chars.get(*at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '-') {
                    *at += 1;
                }
                assert!(*at > start, "unexpected {:?}", chars.get(*at));
                Node::Rule(chars[start..*at].iter().collect())
            }
        };
        parts.push(match chars.get(*at) {
            Some('?') => {
                *at += 1;
                Node::Optional(Box::new(node))
            }
            Some('*') => {
                *at += 1;
                Node::Many(Box::new(node))
            }
            _ => node,
        });
    }
    assert!(!parts.is_empty(), "an empty alternative");
    Node::Sequence(parts)
}

fn literal(chars: &[char], at: &mut usize) -> Node {
    *at += 1;
    let mut text = String::new();
    loop {
        match chars.get(*at) {
            Some('"') => {
                *at += 1;
                return Node::Literal(text);
            }
            Some('\\') => {
                text.push(chars[*at + 1]);
                *at += 2;
            }
            Some(c) => {
                text.push(*c);
                *at += 1;
            }
            None => panic!("unclosed literal"),
        }
    }
}
