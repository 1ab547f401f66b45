//! BIP-39 phrases (English): made here with a checked backup, or brought along.

use bip39::{Language, Mnemonic};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{LockedBuffer, Password, SecretText};
use crate::SignerError;
use crate::vault::random;

/// How many words a new phrase has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordCount {
    /// 128 bits of entropy.
    Twelve,
    /// 256 bits of entropy.
    TwentyFour,
}

impl WordCount {
    fn entropy_bytes(self) -> usize {
        match self {
            Self::Twelve => 16,
            Self::TwentyFour => 32,
        }
    }

    fn quiz_length(self) -> usize {
        match self {
            Self::Twelve => 3,
            Self::TwentyFour => 4,
        }
    }
}

/// A phrase that its owner has a copy of: imported, or new and [checked](NewPhrase::verify_quiz).
pub struct Phrase {
    entropy: LockedBuffer,
}

impl Phrase {
    /// Longest accepted input, in bytes: 24 words with generous blanks.
    pub const LIMIT: usize = 1024;

    /// Reads 12, 15, 18, 21 or 24 English words. Case, blanks and line breaks don't matter.
    ///
    /// # Errors
    /// [`SignerError::Phrase`] names the position of an unknown word, the wrong number of words or a wrong checksum;
    /// never a word. [`SignerError::SecretTooLong`].
    pub fn import(text: &SecretText) -> Result<Self, SignerError> {
        let text = text.as_str();
        if text.len() > Self::LIMIT {
            return Err(SignerError::SecretTooLong { what: "phrase", got: text.len(), limit: Self::LIMIT });
        }
        let normalized = normalized_words(text);
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &normalized).map_err(phrase_error)?;
        Ok(Self::from_mnemonic(&mnemonic))
    }

    /// From 16, 20, 24, 28 or 32 bytes of entropy; the caller wipes them.
    pub(crate) fn from_entropy(entropy: &[u8]) -> Result<Self, SignerError> {
        Mnemonic::from_entropy_in(Language::English, entropy).map_err(phrase_error)?;
        Ok(Self { entropy: LockedBuffer::copy_of(entropy) })
    }

    fn from_mnemonic(mnemonic: &Mnemonic) -> Self {
        let (entropy, len) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        Self { entropy: LockedBuffer::copy_of(entropy.get(..len).unwrap_or_default()) }
    }

    /// The words, separated by single blanks, for the approver's screen.
    pub(crate) fn words(&self) -> Result<SecretText, SignerError> {
        let mnemonic = self.mnemonic()?;
        let mut text = String::with_capacity(Self::LIMIT);
        for (index, word) in mnemonic.words().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
        Ok(SecretText::new(text))
    }

    /// The 64-byte BIP-39 seed: PBKDF2-HMAC-SHA512 of the words, 2048 rounds, salted with the optional passphrase.
    pub(crate) fn seed(&self, passphrase: Option<&Password>) -> Result<Zeroizing<[u8; 64]>, SignerError> {
        let mut salt = Zeroizing::new(String::with_capacity(Password::LIMIT * 18));
        if let Some(passphrase) = passphrase {
            salt.extend(passphrase.as_typed().nfkd());
        }
        Ok(Zeroizing::new(self.mnemonic()?.to_seed_normalized(&salt)))
    }

    pub(crate) fn entropy(&self) -> &[u8] {
        self.entropy.as_slice()
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.entropy.is_locked()
    }

    fn mnemonic(&self) -> Result<Mnemonic, SignerError> {
        Mnemonic::from_entropy_in(Language::English, self.entropy()).map_err(phrase_error)
    }
}

impl PartialEq for Phrase {
    /// In constant time for phrases of equal length.
    fn eq(&self, other: &Self) -> bool {
        self.entropy().ct_eq(other.entropy()).into()
    }
}

impl std::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phrase(..)")
    }
}

/// A phrase that was just made and that nobody has a copy of yet.
///
/// It becomes a [`Phrase`], which is what a vault takes, only through [`NewPhrase::verify_quiz`].
#[derive(Debug)]
pub struct NewPhrase {
    phrase: Phrase,
    count: WordCount,
    positions: Vec<usize>,
}

impl NewPhrase {
    /// A new phrase from the operating system's random bytes.
    ///
    /// # Errors
    /// [`SignerError::NoRandomness`].
    pub fn generate(count: WordCount) -> Result<Self, SignerError> {
        let mut entropy = LockedBuffer::zeroed(count.entropy_bytes());
        random::fill(entropy.as_mut_slice())?;
        let mut new = Self { phrase: Phrase { entropy }, count, positions: Vec::new() };
        new.draw_quiz()?;
        Ok(new)
    }

    /// The words, to be written down.
    ///
    /// # Errors
    /// [`SignerError::Phrase`], if memory was corrupted.
    pub fn words(&self) -> Result<SecretText, SignerError> {
        self.phrase.words()
    }

    /// 1-based positions of the words that the owner must type, in rising order: 3 of 12, 4 of 24.
    #[must_use]
    pub fn quiz_positions(&self) -> &[usize] {
        &self.positions
    }

    /// Checks the words typed for [`Self::quiz_positions`], in that order. A wrong answer gives the phrase back with
    /// other positions, so that the check can't be passed by trial.
    ///
    /// # Errors
    /// [`SignerError::QuizFailed`] with the first wrong position.
    #[allow(clippy::result_large_err, reason = "the phrase comes back by value, so that it is never in two places")]
    pub fn verify_quiz(mut self, answers: &[SecretText]) -> Result<Phrase, (Self, SignerError)> {
        match self.first_wrong_answer(answers) {
            Ok(None) => Ok(self.phrase),
            Ok(Some(position)) => match self.draw_quiz() {
                Ok(()) => Err((self, SignerError::QuizFailed { position })),
                Err(error) => Err((self, error)),
            },
            Err(error) => Err((self, error)),
        }
    }

    fn first_wrong_answer(&self, answers: &[SecretText]) -> Result<Option<usize>, SignerError> {
        let words = self.phrase.words()?;
        let words: Vec<&str> = words.as_str().split(' ').collect();
        let mut wrong = None;
        for (index, position) in self.positions.iter().enumerate().rev() {
            let expected = position.checked_sub(1).and_then(|i| words.get(i)).copied().unwrap_or_default();
            let typed = answers.get(index).map(|a| normalized_words(a.as_str())).unwrap_or_default();
            let same: bool = typed.as_bytes().ct_eq(expected.as_bytes()).into();
            if !same || expected.is_empty() {
                wrong = Some(*position);
            }
        }
        if answers.len() != self.positions.len() && wrong.is_none() {
            wrong = self.positions.first().copied();
        }
        Ok(wrong)
    }

    fn draw_quiz(&mut self) -> Result<(), SignerError> {
        let words = match self.count {
            WordCount::Twelve => 12,
            WordCount::TwentyFour => 24,
        };
        let mut positions = Vec::with_capacity(self.count.quiz_length());
        while positions.len() < self.count.quiz_length() {
            let position = random::below(words)? + 1;
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        positions.sort_unstable();
        self.positions = positions;
        Ok(())
    }
}

/// NFKD, lower case, single blanks.
fn normalized_words(text: &str) -> Zeroizing<String> {
    let mut normalized = Zeroizing::new(String::with_capacity(text.len() * 18));
    for word in text.split_whitespace() {
        if !normalized.is_empty() {
            normalized.push(' ');
        }
        normalized.extend(word.nfkd().flat_map(char::to_lowercase));
    }
    normalized
}

fn phrase_error(error: bip39::Error) -> SignerError {
    let reason = match error {
        bip39::Error::BadWordCount(count) => {
            format!("it has {count} words; expected 12, 15, 18, 21 or 24")
        }
        bip39::Error::UnknownWord(index) => {
            format!("word {} is not in the English BIP-39 list", index + 1)
        }
        bip39::Error::BadEntropyBitCount(bits) => {
            format!("{bits} bits of entropy; expected 128 to 256")
        }
        bip39::Error::InvalidChecksum => "the checksum is wrong: a word is wrong or out of place".to_owned(),
        bip39::Error::AmbiguousLanguages(_) => "more than one language fits".to_owned(),
    };
    SignerError::Phrase { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers_of(new: &NewPhrase) -> Vec<SecretText> {
        let words = new.words().unwrap();
        let words: Vec<&str> = words.as_str().split(' ').collect();
        new.quiz_positions().iter().map(|p| SecretText::new(words[p - 1].to_owned())).collect()
    }

    #[test]
    fn a_new_phrase_is_usable_after_the_right_answers_only() {
        for (count, words, asked) in [(WordCount::Twelve, 12, 3), (WordCount::TwentyFour, 24, 4)] {
            let new = NewPhrase::generate(count).unwrap();
            assert_eq!(new.words().unwrap().as_str().split(' ').count(), words);
            assert_eq!(new.quiz_positions().len(), asked);
            assert!(new.quiz_positions().windows(2).all(|pair| pair[0] < pair[1]));
            assert!(new.quiz_positions().iter().all(|p| (1..=words).contains(p)));

            let mut answers = answers_of(&new);
            answers[1] = SecretText::new("zebra zebra".into());
            let (new, error) = new.verify_quiz(&answers).unwrap_err();
            assert!(matches!(error, SignerError::QuizFailed { .. }), "{error}");

            let (new, _) = new.verify_quiz(&[]).unwrap_err();
            let mut too_many = answers_of(&new);
            too_many.push(SecretText::new("abandon".into()));
            let (new, _) = new.verify_quiz(&too_many).unwrap_err();

            let words = new.words().unwrap();
            let answers = answers_of(&new);
            let phrase = new.verify_quiz(&answers).unwrap();
            assert_eq!(phrase.words().unwrap().as_str(), words.as_str());
        }
    }

    #[test]
    fn input_is_forgiving_about_blanks_and_case_and_nothing_else() {
        let canonical = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        let messy = canonical.replace(' ', " \n\t ").to_uppercase();
        let phrase = Phrase::import(&SecretText::new(messy)).unwrap();
        assert_eq!(phrase.words().unwrap().as_str(), canonical);

        let unknown = Phrase::import(&SecretText::new(canonical.replacen("about", "abouts", 1))).unwrap_err();
        assert!(unknown.to_string().contains("word 12"), "{unknown}");
        assert!(!unknown.to_string().contains("abouts"), "{unknown}");
        let checksum = Phrase::import(&SecretText::new(canonical.replacen("about", "abandon", 1))).unwrap_err();
        assert!(checksum.to_string().contains("checksum"), "{checksum}");
        let short = Phrase::import(&SecretText::new("abandon about".into())).unwrap_err();
        assert!(short.to_string().contains("2 words"), "{short}");
    }
}
