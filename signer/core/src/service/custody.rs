//! Vault, journal and books under one lock.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::keccak256;
use parlance_effects::{Registry, TokenAddition};
use parlance_policy::RuleSet;
use parlance_signer_protocol::{Refusal, RefusalCode};
use serde_json::{Value, json};

use super::failpoint::reach;
use super::{refusal, rules};
use crate::SignerError;
use crate::audit::{AuditLog, Line};
use crate::clock::{Clock, LedgerClock};
use crate::keyring::KeyringSecret;
use crate::keys::Password;
use crate::state::{Book, Event, Journal, MacKey, Record, Seal, Snapshot, Verified};
use crate::vault::{DataFolder, Vault};

const DATABASE: &str = "ledger.db";
const SEAL: &str = "ledger.seal";
const AUDIT: &str = "audit.jsonl";
/// Milliseconds by which the boot clock may outrun the monotonic one before it was a suspend.
const SUSPEND_MS: u64 = 2000;
/// Rejections in a row after which an origin is paused, and for how long, milliseconds.
const REJECTIONS: u32 = 3;
const PAUSE_MS: u64 = 15 * 60 * 1000;
/// Milliseconds after which the password is asked again, however busy the wallet was: 12 hours.
const LONGEST_MS: u64 = 12 * 3600 * 1000;
/// Audit lines that wait in memory while the vault is locked.
const WAITING_LINES: usize = 64;
/// Refusals of one minute that are written down; more are refused unread.
const REFUSALS_A_MINUTE: u32 = 60;

/// Stores a generation outside of the data folder (the launcher's keyring).
pub type GenerationSink = Box<dyn FnMut(u64) -> std::io::Result<()> + Send>;

/// What it takes to open a data folder.
pub struct Opening {
    /// The folder, locked against other processes.
    pub folder: Arc<DataFolder>,
    /// The machine's clocks.
    pub clock: Arc<dyn Clock>,
    /// The secret of the OS keyring, where there is one.
    pub keyring: Option<KeyringSecret>,
    /// The highest generation that the keyring has seen; 0 for none.
    pub generation: u64,
    /// Where new generations go.
    pub sink: Option<GenerationSink>,
    /// What the sandbox holds, a sentence each.
    pub sandbox: Vec<String>,
    /// Local time less UTC, seconds.
    pub utc_offset: i32,
}

/// Everything that the signer keeps.
pub struct Custody {
    pub(super) folder: Arc<DataFolder>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) time: LedgerClock,
    pub(super) vault: Option<Vault>,
    pub(super) keyring: Option<KeyringSecret>,
    pub(super) book: Book,
    pub(super) registry: Registry,
    pub(super) rules: Arc<RuleSet>,
    pub(super) rules_alike: bool,
    pub(super) rules_broken: Option<String>,
    rules_id: String,
    pub(super) audit: AuditLog,
    pub(super) audit_damage: Option<String>,
    pub(super) sandbox: Vec<String>,
    pub(super) utc_offset: i32,
    journal: Journal,
    seal: Seal,
    key: Option<MacKey>,
    seen: u64,
    sink: Option<GenerationSink>,
    /// Boot minus monotonic clock, milliseconds: grows by each suspend.
    asleep_ms: u64,
    /// When the password was last typed to unlock, milliseconds since boot.
    unlocked_ms: u64,
    rejections: HashMap<String, Rejections>,
    refusals: (u64, u32),
    waiting: Vec<Value>,
}

#[derive(Debug, Default)]
struct Rejections {
    in_a_row: u32,
    paused_until_ms: u64,
}

impl std::fmt::Debug for Custody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custody").field("vault", &self.vault).field("head", &self.journal.head()).finish_non_exhaustive()
    }
}

impl Custody {
    /// Open the folder: reads everything, believes nothing yet. The journal is checked when the vault is unlocked.
    ///
    /// A database that is no database any more is put aside (`ledger.db.damaged-TIME`), which is noticed as a rollback.
    ///
    /// # Errors
    /// [`SignerError::NewerFormat`] for what a later release wrote; disk errors.
    pub fn open(opening: Opening) -> Result<Self, SignerError> {
        let Opening { folder, clock, keyring, generation, sink, sandbox, utc_offset } = opening;
        let database = folder.file(DATABASE);
        let (journal, read) = match Journal::open(&database) {
            Err(SignerError::Damaged { .. }) => {
                set_aside(&folder, clock.wall())?;
                Journal::open(&database)?
            }
            other => other?,
        };
        let book = Book::fold(read);
        let seal = Seal::open(&folder.file(SEAL))?;
        let mut audit = AuditLog::open(&folder.file(AUDIT))?;
        let recovered = audit.recovered();
        audit.complete(&journal.audit_outbox()?)?;
        let vault = match Vault::exists(&folder) {
            true => Some(Vault::open(folder.clone(), clock.clone(), copy_of(keyring.as_ref())?)?),
            false => None,
        };
        let time = LedgerClock::start(clock.clone(), book.mark.as_ref());
        let asleep_ms = clock.boot_ms().saturating_sub(clock.monotonic_ms());
        let mut custody = Self {
            folder,
            clock,
            time,
            vault,
            keyring,
            book,
            registry: Registry::builtin(),
            rules: Arc::new(rules::none()),
            rules_alike: false,
            rules_broken: None,
            rules_id: String::new(),
            audit,
            audit_damage: None,
            sandbox,
            utc_offset,
            journal,
            seal,
            key: None,
            seen: generation,
            sink,
            asleep_ms,
            unlocked_ms: 0,
            rejections: HashMap::new(),
            refusals: (0, 0),
            waiting: Vec::new(),
        };
        if let Some(what) = recovered {
            custody.note(json!({"event": "audit_recovered", "what": what}));
        }
        custody.compile()?;
        Ok(custody)
    }

    /// The machine's clocks.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Ledger time, Unix seconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.time.now()
    }

    /// What the signer remembers.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The vault, unlocked, with a journal that was checked.
    pub(super) fn ready(&mut self) -> Result<&mut Vault, Refusal> {
        if self.vault.is_none() {
            return Err(refusal::of(SignerError::NoVault { path: self.folder.path().to_owned() }));
        }
        let open = self.key.is_some() && self.vault.as_ref().is_some_and(Vault::is_unlocked);
        if !open {
            return Err(refusal::locked());
        }
        self.vault.as_mut().ok_or_else(refusal::locked)
    }

    /// Open the vault with a password and check the journal against it.
    pub(super) fn unlock(&mut self, password: &Password) -> Result<(), SignerError> {
        let Some(vault) = self.vault.as_mut() else {
            return Err(SignerError::NoVault { path: self.folder.path().to_owned() });
        };
        if let Err(e) = vault.unlock(password) {
            self.note(json!({"event": "unlock_failed", "why": e.to_string()}));
            return Err(e);
        }
        self.opened()?;
        self.record(Vec::new(), Some(json!({"event": "unlocked"})))?;
        Ok(())
    }

    /// A vault was just made: begin its journal.
    pub(super) fn begin(&mut self, vault: Vault, play_money: bool, mut events: Vec<Event>) -> Result<(), SignerError> {
        self.vault = Some(vault);
        let key = self.mac_key()?;
        // A journal of another vault may lie here, or a keyring may have seen one: go on above both.
        let earlier = self.journal.head().seq.max(self.seen);
        if self.journal.head().seq > 0 {
            set_aside(&self.folder, self.clock.wall())?;
            self.journal = Journal::open(&self.folder.file(DATABASE))?.0;
        }
        self.book = Book { audit: self.book.audit, ..Book::default() };
        self.seen = earlier;
        self.seal.write(&key, earlier)?;
        self.key = Some(key);
        self.unlocked_ms = self.clock.boot_ms();
        events.insert(0, Event::Created { play_money });
        self.record(events, Some(json!({"event": "created", "play_money": play_money})))?;
        self.compile()
    }

    /// Write one durable step: events and audit line together, then the seals. After this returned, nothing undoes it.
    pub(super) fn record(&mut self, events: Vec<Event>, entry: Option<Value>) -> Result<u64, SignerError> {
        let key = self.key.clone().ok_or(SignerError::Locked)?;
        for waiting in std::mem::take(&mut self.waiting) {
            self.write(&key, Vec::new(), Some(waiting))?;
        }
        self.write(&key, events, entry)
    }

    fn write(&mut self, key: &MacKey, events: Vec<Event>, entry: Option<Value>) -> Result<u64, SignerError> {
        let mark = self.time.mark();
        let line = entry.map(|entry| Line::after(self.book.audit_head(), mark.at, entry));
        let vault = self.vault.as_ref().map_or(0, Vault::generation);
        let record = Record { mark, vault, events, audit: line.as_ref().map(Line::head) };
        let text = line.as_ref().map(|l| (l.seq, l.text()));
        reach("before-journal");
        let row = text.as_ref().map(|(seq, text)| (*seq, text.as_str()));
        let head = self.journal.append(key, &record, row, self.audit.synced(), self.seen.saturating_add(1))?;
        reach("after-journal");
        self.book.apply(record);
        self.seen = head.seq;
        self.seal.write(key, head.seq)?;
        reach("after-seal");
        if let Some(sink) = self.sink.as_mut() {
            sink(head.seq).map_err(|e| SignerError::Keyring { reason: format!("storing the generation: {e}") })?;
        }
        reach("after-keyring");
        if let Some((line, (_, text))) = line.zip(text) {
            if self.audit.last().seq + 1 == line.seq {
                self.audit.append(&line, &text)?;
            } else {
                self.audit.complete(&self.journal.audit_outbox()?)?;
            }
        }
        reach("after-audit");
        Ok(self.book.audit_head().seq)
    }

    /// Write an audit line when that is possible: now, or at the next unlocking.
    pub(super) fn note(&mut self, entry: Value) {
        let written = match self.key {
            Some(_) => self.record(Vec::new(), Some(entry.clone())).is_ok(),
            None => false,
        };
        if !written && self.waiting.len() < WAITING_LINES {
            self.waiting.push(entry);
        }
    }

    /// Wipe the keys.
    ///
    /// # Errors
    /// Where the disk fails; the keys are wiped all the same.
    pub fn lock(&mut self, why: &str) -> Result<(), SignerError> {
        let written = match self.key.is_some() {
            true => self.record(vec![Event::Time], Some(json!({"event": "locked", "why": why}))).map(|_| ()),
            false => Ok(()),
        };
        if let Some(vault) = self.vault.as_mut() {
            vault.lock();
        }
        self.key = None;
        written.and_then(|()| self.sync())
    }

    pub(super) fn tick(&mut self) -> Result<(), SignerError> {
        self.notice_suspend()?;
        if self.vault.as_mut().is_some_and(Vault::lock_if_idle) {
            self.lock("it was idle")?;
        }
        self.audit.sync()
    }

    /// Locks where the machine slept since the last look.
    pub(super) fn notice_suspend(&mut self) -> Result<(), SignerError> {
        let asleep = self.clock.boot_ms().saturating_sub(self.clock.monotonic_ms());
        let slept = asleep.saturating_sub(self.asleep_ms) > SUSPEND_MS;
        self.asleep_ms = asleep;
        if slept && self.key.is_some() {
            self.lock("the computer slept")?;
        }
        if self.key.is_some() && self.clock.boot_ms().saturating_sub(self.unlocked_ms) > LONGEST_MS {
            self.lock("the password was typed 12 hours ago")?;
        }
        // The vault may have locked itself, for idleness or because the disk failed.
        if !self.vault.as_ref().is_some_and(Vault::is_unlocked) {
            self.key = None;
        }
        Ok(())
    }

    /// Is the origin paused after rejections?
    pub(super) fn not_paused(&self, origin: &str) -> Result<(), Refusal> {
        let until = self.rejections.get(origin).map_or(0, |r| r.paused_until_ms);
        let now = self.clock.boot_ms();
        if until <= now {
            return Ok(());
        }
        let minutes = (until - now).div_ceil(60_000);
        Err(refusal::refuse(
            RefusalCode::Busy,
            format!("you said no three times in a row, so `{origin}` is paused for {minutes} more minutes"),
            "Wait, or lock and unlock the wallet with your password to go on at once.",
        ))
    }

    /// The person answered a question of `origin`.
    pub(super) fn answered(&mut self, origin: &str, approved: bool) {
        let now = self.clock.boot_ms();
        let rejections = self.rejections.entry(origin.to_owned()).or_default();
        if approved {
            *rejections = Rejections::default();
            return;
        }
        rejections.in_a_row += 1;
        if rejections.in_a_row >= REJECTIONS {
            *rejections = Rejections { in_a_row: 0, paused_until_ms: now.saturating_add(PAUSE_MS) };
            self.note(json!({"event": "paused", "origin": origin}));
        }
    }

    /// Counts refusals that would be written down: a client that provokes them without end fills no disk.
    pub(super) fn may_refuse(&mut self) -> Result<(), Refusal> {
        let minute = self.clock.boot_ms() / 60_000;
        if self.refusals.0 != minute {
            self.refusals = (minute, 0);
        }
        self.refusals.1 += 1;
        if self.refusals.1 > REFUSALS_A_MINUTE {
            let reason = format!("more than {REFUSALS_A_MINUTE} requests of the last minute were refused");
            return Err(refusal::refuse(RefusalCode::Busy, reason, "Wait a minute."));
        }
        Ok(())
    }

    /// Rules and registry from the book.
    pub(super) fn compile(&mut self) -> Result<(), SignerError> {
        let additions = self.book.tokens.iter().map(|((chain, address), t)| TokenAddition {
            chain: *chain,
            address: *address,
            symbol: t.symbol.clone(),
            decimals: t.decimals,
        });
        // One that a later release has compiled in itself is left out, not fatal.
        let mut registry = Registry::builtin();
        for addition in additions {
            if let Ok(extended) = registry.extended_with([addition]) {
                registry = extended;
            }
        }
        self.registry = registry;
        let record = &self.book.rules;
        match rules::load(&record.pack, &record.own) {
            Ok(set) => {
                self.rules = Arc::new(set);
                self.rules_broken = None;
            }
            Err(e) => {
                // No rules permit nothing: everything is refused until the owner repairs them.
                self.rules = Arc::new(rules::none());
                self.rules_broken = Some(e.to_string());
            }
        }
        self.rules_alike = rules::alike(&record.pack, &record.own);
        let text = format!("{}\n{}", record.pack, record.own);
        self.rules_id = format!("{}:{}", record.version, alloy_primitives::hex::encode(&keccak256(text)[..8]));
        Ok(())
    }

    /// The vault is open: check the journal, compare generations.
    fn opened(&mut self) -> Result<(), SignerError> {
        let key = self.mac_key()?;
        let mut why = None;
        let mut verified = self.journal.verify(&key)?;
        if verified == Verified::ReadOtherwise {
            // Another program changed the file and changed it back: what it says now is what counts.
            self.book = Book::fold(self.journal.read()?);
            verified = self.journal.verify(&key)?;
        }
        if verified == Verified::ReadOtherwise {
            return Err(SignerError::Damaged { what: "database", reason: "another program changes it all the time".into() });
        }
        if let Verified::BrokenAfter(seq) = verified {
            set_copy_aside(&self.folder, self.clock.wall())?;
            self.book = Book::fold(self.journal.cut_after(seq)?);
            why = Some(format!("the ledger was changed by another program after its entry {seq}"));
        }
        let head = self.journal.head().seq;
        let sealed = self.seal.read(&key);
        let seen = sealed.unwrap_or(0).max(self.seen);
        if head < seen {
            why = Some(format!("the ledger ends at entry {head}, and entry {seen} was written before"));
        } else if !self.book.created {
            why = Some("the ledger is missing".into());
        } else if sealed.is_none() {
            why = why.or_else(|| Some("the seal beside the ledger is missing".into()));
        }
        let vault = self.vault.as_ref().map_or(0, Vault::generation);
        if vault < self.book.vault {
            why = why.or_else(|| Some(format!("the vault is of generation {vault}; {} was seen before", self.book.vault)));
        }
        if self.audit.last() != self.book.audit_head() {
            let (file, known) = (self.audit.last().seq, self.book.audit_head().seq);
            self.audit_damage = Some(format!("the audit log's file ended at line {file}, and the ledger knows of line {known}"));
            self.audit.continue_from(self.book.audit_head());
        }
        self.seen = seen;
        self.key = Some(key.clone());
        self.unlocked_ms = self.clock.boot_ms();
        self.time = LedgerClock::start(self.clock.clone(), self.book.mark.as_ref());
        if why.is_none() && self.book.rollback.is_none() && self.journal.is_long() {
            self.compact(&key)?;
        }
        if let Some(why) = why {
            let mut events = Vec::new();
            if !self.book.created {
                let play_money = self.vault.as_ref().is_some_and(Vault::is_play_money);
                events.push(Event::Created { play_money });
            }
            events.push(Event::RollbackNoted { why: why.clone() });
            self.record(events, Some(json!({"event": "rollback", "why": why})))?;
        }
        if let Some(damage) = self.audit_damage.clone() {
            self.note(json!({"event": "audit_damaged", "why": damage}));
        }
        self.rejections.clear();
        self.compile()
    }

    /// Put what is left of a long journal in its place. Only of one that holds, so that nothing that was noticed is lost.
    fn compact(&mut self, key: &MacKey) -> Result<(), SignerError> {
        reach("before-compaction");
        let snapshot = Snapshot::of(&self.book, self.time.now());
        let (rows, snapshot) = self.journal.compact(key, &snapshot, || reach("in-compaction"))?;
        reach("after-compaction");
        let entries = snapshot.entries();
        // From here on as after a restart.
        self.book = snapshot.book();
        self.note(json!({"event": "compacted", "rows": rows, "entries": entries}));
        Ok(())
    }

    /// From the vault's first key: it exists as long as the vault does, and only an unlocked vault gives it.
    fn mac_key(&self) -> Result<MacKey, SignerError> {
        let vault = self.vault.as_ref().ok_or(SignerError::Locked)?;
        let first = vault.accounts().iter().find_map(|a| vault.key(a.address).ok()).ok_or(SignerError::Locked)?;
        Ok(MacKey::new(blake3::derive_key("parlance-signer 2026 journal v1", first.expose())))
    }

    fn sync(&mut self) -> Result<(), SignerError> {
        self.seal.sync()?;
        self.audit.sync()
    }

    /// A short name of the rules in force, for the audit log.
    pub(super) fn rules_id(&self) -> &str {
        &self.rules_id
    }
}

/// A second copy of the keyring's secret, for the vault.
pub(super) fn copy_of(secret: Option<&KeyringSecret>) -> Result<Option<KeyringSecret>, SignerError> {
    secret.map(|s| KeyringSecret::from_bytes(s.expose())).transpose()
}

/// Move a database that can't be used out of the way, with its companions.
fn set_aside(folder: &DataFolder, now: u64) -> Result<(), SignerError> {
    for suffix in ["", "-wal", "-shm"] {
        let from = folder.file(&format!("{DATABASE}{suffix}"));
        let to = folder.file(&format!("{DATABASE}.damaged-{now}{suffix}"));
        match std::fs::rename(&from, &to) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(SignerError::io("putting aside", from)(e));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Keep a copy of a database that is about to be cut, for whoever looks into it.
fn set_copy_aside(folder: &DataFolder, now: u64) -> Result<(), SignerError> {
    for suffix in ["", "-wal"] {
        let from = folder.file(&format!("{DATABASE}{suffix}"));
        let to = folder.file(&format!("{DATABASE}.changed-{now}{suffix}"));
        match std::fs::copy(&from, &to) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(SignerError::io("copying", from)(e));
            }
            _ => {}
        }
    }
    Ok(())
}
