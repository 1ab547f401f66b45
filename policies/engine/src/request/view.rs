//! What rules see of one effect: values, entities, and the request as a whole.

use std::collections::HashSet;
use std::sync::OnceLock;

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};

use crate::facts::Windows;
use crate::schema::Action;

/// A value that rules see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Long(i64),
    Bool(bool),
    Text(String),
    Entity(EntityRef),
    /// Unix milliseconds.
    Time(i64),
    Record(Vec<(&'static str, Value)>),
}

/// Names an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EntityRef {
    pub kind: &'static str,
    pub id: String,
}

/// An entity with what it is in, its attributes and tags.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub uid: EntityRef,
    pub parents: Vec<EntityRef>,
    pub attrs: Vec<(&'static str, Value)>,
    pub tags: Vec<(String, Value)>,
}

/// One effect as rules see it.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub action: Action,
    pub principal: Known,
    pub resource: Known,
    /// Without `approval`.
    pub context: Vec<(&'static str, Value)>,
    /// Further entities that the context names.
    pub others: Vec<Known>,
    /// The windows before this signature, by the name that they have in the context.
    pub before: Vec<(&'static str, Windows<u64>)>,
    /// Name of the recipient for people.
    pub recipient_name: Option<String>,
    /// Symbol or address of the asset for people.
    pub asset_name: Option<String>,
}

impl View {
    /// The value at a dotted path that starts with `context`, `resource` or `principal`.
    pub fn value(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let mut fields: &[(&'static str, Value)] = match steps.next()? {
            "context" => &self.context,
            "resource" => &self.resource.attrs,
            "principal" => &self.principal.attrs,
            _ => return None,
        };
        let mut found = None;
        for step in steps {
            let value = fields.iter().find(|(name, _)| *name == step).map(|(_, value)| value)?;
            fields = match value {
                Value::Record(inner) => inner,
                Value::Entity(uid) => self.entities().find(|known| known.uid == *uid).map_or(&[], |known| &known.attrs),
                _ => &[],
            };
            found = Some(value);
        }
        found
    }

    /// A window before this signature, where `path` names one: `context.spent.day`.
    pub fn already(&self, path: &str) -> Option<u64> {
        let (name, window) = path.strip_prefix("context.")?.split_once('.')?;
        let windows = self.before.iter().find(|(known, _)| *known == name)?.1;
        match window {
            "hour" => Some(windows.hour),
            "day" => Some(windows.day),
            "week" => Some(windows.week),
            "month" => Some(windows.month),
            _ => None,
        }
    }

    /// Everything that the request names.
    pub fn entities(&self) -> impl Iterator<Item = &Known> {
        [&self.principal, &self.resource].into_iter().chain(&self.others)
    }

    /// What `uid` is in, itself included.
    pub fn lineage(&self, uid: &EntityRef) -> Vec<EntityRef> {
        let mut lineage = vec![uid.clone()];
        lineage.extend(self.entities().filter(|known| known.uid == *uid).flat_map(|known| known.parents.clone()));
        lineage
    }
}

impl EntityRef {
    pub fn cedar(&self) -> Result<EntityUid, String> {
        // Parsed once: Cedar's parser takes longer than everything else here.
        static KINDS: OnceLock<Vec<(&str, EntityTypeName)>> = OnceLock::new();
        const NAMES: [&str; 10] = ["Account", "Asset", "Symbol", "Pool", "Contract", "Contact", "Origin", "Host", "Arguments", "Numbers"];
        let kinds = KINDS.get_or_init(|| NAMES.iter().filter_map(|name| Some((*name, name.parse().ok()?))).collect());
        let kind = match kinds.iter().find(|(name, _)| *name == self.kind) {
            Some((_, kind)) => kind.clone(),
            None => self.kind.parse().map_err(|error| format!("{}: {error}", self.kind))?,
        };
        Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(&self.id)))
    }
}

impl Value {
    pub fn cedar(&self) -> Result<RestrictedExpression, String> {
        Ok(match self {
            Self::Long(n) => RestrictedExpression::new_long(*n),
            Self::Bool(b) => RestrictedExpression::new_bool(*b),
            Self::Text(text) => RestrictedExpression::new_string(text.clone()),
            Self::Entity(uid) => RestrictedExpression::new_entity_uid(uid.cedar()?),
            Self::Time(ms) => RestrictedExpression::new_datetime(crate::dates::iso(*ms)?),
            Self::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| Ok(((*name).to_owned(), value.cedar()?)));
                let fields: Vec<_> = fields.collect::<Result<_, String>>()?;
                RestrictedExpression::new_record(fields).map_err(|error| error.to_string())?
            }
        })
    }
}

impl Known {
    pub fn cedar(&self) -> Result<Entity, String> {
        let attrs = self.attrs.iter().map(|(name, value)| Ok(((*name).to_owned(), value.cedar()?)));
        let tags = self.tags.iter().map(|(name, value)| Ok((name.clone(), value.cedar()?)));
        let parents = self.parents.iter().map(EntityRef::cedar).collect::<Result<HashSet<_>, _>>()?;
        let attrs = attrs.collect::<Result<Vec<_>, String>>()?;
        let tags = tags.collect::<Result<Vec<_>, String>>()?;
        Entity::new_with_tags(self.uid.cedar()?, attrs, parents, tags).map_err(|error| error.to_string())
    }
}
