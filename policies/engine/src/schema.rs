//! The schema, compiled in, and the actions that it names.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::OnceLock;

use cedar_policy::{Entity, EntityUid, Schema};

use crate::PolicyError;

/// The Cedar schema of rules, as text: for editors and for `parlance rules`.
pub const SCHEMA: &str = include_str!("../../schema/parlance.cedarschema");

/// The compiled schema.
pub(crate) fn schema() -> Result<&'static Schema, PolicyError> {
    static COMPILED: OnceLock<Result<Schema, String>> = OnceLock::new();
    let compiled =
        COMPILED.get_or_init(|| Schema::from_cedarschema_str(SCHEMA).map(|(schema, _warnings)| schema).map_err(|error| error.to_string()));
    compiled.as_ref().map_err(|error| PolicyError::Engine(format!("schema: {error}")))
}

macro_rules! actions {
    ($($variant:ident $name:literal $words:literal,)*) => {
        /// What an effect is, as rules name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(#[doc = $words] $variant,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As in `Action::"..."`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// In words, plural.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

actions! {
    Send "send" "transfers",
    Pull "pull" "transfers out of somebody else's balance",
    Swap "swap" "swaps",
    Wrap "wrap" "wrapping",
    Unwrap "unwrap" "unwrapping",
    PayBySignature "pay_by_signature" "payments by signature (x402)",
    Approve "approve" "approvals",
    Permit "permit" "permits",
    Call "call" "calls that are not understood",
    SignTyped "sign_typed" "typed data that is not understood",
    Deploy "deploy" "contract creations",
    Delegate "delegate" "delegations (EIP-7702)",
    ApplyCredit "apply_credit" "applications for credit",
    OpenCredit "open_credit" "opening and renewing credit lines",
    Borrow "borrow" "borrowing",
    Repay "repay" "repayments",
    CloseCredit "close_credit" "closing credit lines",
    Revoke "revoke" "revocations",
    Receive "receive" "receiving",
    SignMessage "sign_message" "text messages",
    Cancel "cancel" "cancellations",
}

/// Groups of actions, in words.
pub(crate) const GROUPS: &[(&str, &str)] = &[
    ("spend", "everything that moves or grants something"),
    ("grant", "approvals and permits"),
    ("blind", "everything that is not understood, contract creations and delegations"),
    ("credit", "credit lines"),
];

impl Action {
    /// Leads to debt. A permit must name such an action, or a group that it is in: one for everything may have been
    /// written for what leaves, and a limit on that bounds no debt.
    pub(crate) fn owes(self) -> bool {
        matches!(self, Self::ApplyCredit | Self::OpenCredit | Self::Borrow)
    }

    /// By its name in the schema.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// An action with everything that it is in.
pub(crate) struct Compiled {
    pub uid: EntityUid,
    pub entity: Entity,
    /// Names of the groups that it is in, nearest first.
    pub groups: Vec<String>,
}

/// Every action of [`Action::ALL`] as the schema knows it.
pub(crate) fn compiled_actions() -> Result<&'static HashMap<Action, Compiled>, PolicyError> {
    static ACTIONS: OnceLock<Result<HashMap<Action, Compiled>, String>> = OnceLock::new();
    let compiled = ACTIONS.get_or_init(|| {
        let schema = schema().map_err(|error| error.to_string())?;
        let entities = schema.action_entities().map_err(|error| error.to_string())?;
        let mut actions = HashMap::new();
        for action in Action::ALL {
            let uid = EntityUid::from_str(&format!("Action::\"{}\"", action.name())).map_err(|e| e.to_string())?;
            let ancestors: Vec<EntityUid> =
                entities.ancestors(&uid).ok_or_else(|| format!("the schema has no action `{}`", action.name()))?.cloned().collect();
            let groups = ancestors.iter().map(|group| group.id().unescaped().to_owned()).collect();
            let entity = Entity::new_no_attrs(uid.clone(), ancestors.into_iter().collect());
            actions.insert(*action, Compiled { uid, entity, groups });
        }
        Ok(actions)
    });
    compiled.as_ref().map_err(|error| PolicyError::Engine(error.clone()))
}
