//! Facts in, an explained decision out.

use std::cell::OnceCell;
use std::collections::HashMap;

use cedar_policy::{Authorizer, Context, Entities, EntityUid, PolicySet, Request, RestrictedExpression};

use crate::facts::{Facts, Floor};
use crate::partition::Sets;
use crate::request::{Signature, View};
use crate::ruleset::{Rule, RuleSet};
use crate::schema::{Compiled, compiled_actions};
use crate::{Explained, Outcome, RuleRef, explain, floors};

/// The lowest level at which the rules permit every effect of a signature, and why it is not a lower one.
///
/// Default deny; a forbid wins over every permit; below the floors that no rule can loosen nothing is permitted;
/// a number that does not fit is a refusal.
pub fn decide(rules: &RuleSet, facts: &Facts) -> Explained {
    try_decide(rules, facts).unwrap_or_else(|trouble| {
        let sentence = "What can't be counted or evaluated is refused, whatever the rules say.".to_owned();
        let rules = vec![RuleRef { id: "signer".to_owned(), sentence }];
        Explained { outcome: Outcome::Refused, rules, why: vec![format!("refused: {trouble}")] }
    })
}

fn try_decide(rules: &RuleSet, facts: &Facts) -> Result<Explained, String> {
    let floors = floors::under(facts);
    let floor = floors.iter().map(|floor| floor.level).max().unwrap_or(Outcome::Allow);
    let signature = Signature::new(facts).map_err(|overflow| overflow.to_string())?;
    let views = signature.views();
    if floor == Outcome::Refused || views.is_empty() {
        return Ok(explain::floored(Outcome::Refused, &floors));
    }
    let mut questions = Vec::with_capacity(views.len());
    for view in &views {
        questions.push(Question::new(rules, view)?);
    }

    // Rising levels, each effect at each: the first level at which all are permitted is the outcome.
    let mut below: Option<Vec<Verdict<'_>>> = None;
    for level in Outcome::LEVELS.into_iter().filter(|level| *level >= floor) {
        let verdicts = questions.iter().map(|question| question.at(level)).collect::<Result<Vec<_>, _>>()?;
        if verdicts.iter().all(Verdict::permitted) {
            return Ok(explain::permitted(rules, level, &views, &verdicts, below.as_deref(), &floors));
        }
        below = Some(verdicts);
    }
    Ok(explain::refused(rules, &views, below.as_deref().unwrap_or_default(), &floors))
}

/// What the rules say of one effect at one level.
#[derive(Debug)]
pub(crate) struct Verdict<'a> {
    /// Rules that permit it; empty where one forbids it.
    pub permits: Vec<&'a Rule>,
    /// Rules that forbid it.
    pub forbids: Vec<&'a Rule>,
}

impl Verdict<'_> {
    pub fn permitted(&self) -> bool {
        self.forbids.is_empty() && !self.permits.is_empty()
    }
}

/// One effect, ready to be asked about at every level.
pub(crate) struct Question<'a> {
    rules: &'a RuleSet,
    sets: Vec<&'a Sets>,
    always: OnceCell<Result<Vec<&'a Rule>, String>>,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
    entities: Entities,
    pairs: Vec<(String, RestrictedExpression)>,
}

impl<'a> Question<'a> {
    pub fn new(rules: &'a RuleSet, view: &'a View) -> Result<Self, String> {
        let actions: &HashMap<_, Compiled> = compiled_actions().map_err(|error| error.to_string())?;
        let action = actions.get(&view.action).ok_or("an action that the schema does not have")?;
        let mut known = HashMap::new();
        for one in view.entities() {
            if !known.contains_key(&one.uid) {
                known.insert(&one.uid, one.cedar()?);
            }
        }
        let entities =
            Entities::from_entities(known.into_values().chain([action.entity.clone()]), None).map_err(|error| error.to_string())?;
        let pairs = view.context.iter().map(|(name, value)| Ok(((*name).to_owned(), value.cedar()?)));
        Ok(Self {
            rules,
            sets: rules.for_action(view.action).map(|part| part.concerning(view)).unwrap_or_default(),
            always: OnceCell::new(),
            principal: view.principal.uid.cedar()?,
            action: action.uid.clone(),
            resource: view.resource.uid.cedar()?,
            entities,
            pairs: pairs.collect::<Result<_, String>>()?,
        })
    }

    /// The request at a level of approval, as Cedar takes it.
    pub fn request(&self, approval: i64) -> Result<Request, String> {
        let approval = ("approval".to_owned(), RestrictedExpression::new_long(approval));
        let context = Context::from_pairs(self.pairs.iter().cloned().chain([approval])).map_err(|e| e.to_string())?;
        let (principal, action, resource) = (self.principal.clone(), self.action.clone(), self.resource.clone());
        Request::new(principal, action, resource, context, None).map_err(|error| error.to_string())
    }

    /// A rule that can't be evaluated (an overflow in its own arithmetic) is an error, not a rule that is skipped.
    pub fn at(&self, level: Outcome) -> Result<Verdict<'a>, String> {
        let approval = level.level().ok_or("no level")?;
        let request = self.request(approval)?;
        let mut verdict = Verdict { permits: Vec::new(), forbids: self.always(&request)?.to_vec() };
        for sets in &self.sets {
            let policies = usize::try_from(approval).ok().and_then(|level| sets.at.get(level)).ok_or("no level")?;
            self.ask(&request, policies, &mut verdict)?;
        }
        Ok(verdict)
    }

    /// The forbids that hold whatever the approval, asked once.
    fn always(&self, request: &Request) -> Result<&[&'a Rule], String> {
        let always = self.always.get_or_init(|| {
            let mut verdict = Verdict { permits: Vec::new(), forbids: Vec::new() };
            self.sets.iter().try_for_each(|sets| self.ask(request, &sets.always, &mut verdict))?;
            Ok(verdict.forbids)
        });
        always.as_deref().map_err(Clone::clone)
    }

    fn ask(&self, request: &Request, policies: &PolicySet, verdict: &mut Verdict<'a>) -> Result<(), String> {
        if policies.is_empty() {
            return Ok(());
        }
        let response = Authorizer::new().is_authorized(request, policies, &self.entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(format!("a rule can't be evaluated: {error}"));
        }
        for id in response.diagnostics().reason() {
            let rule = self.rules.named(id.as_ref()).ok_or("a rule without a name decided")?;
            if rule.permits { verdict.permits.push(rule) } else { verdict.forbids.push(rule) }
        }
        Ok(())
    }
}

#[cfg(test)]
impl Question<'_> {
    pub fn entities(&self) -> &Entities {
        &self.entities
    }
}

/// The floors that lift a signature to `outcome`.
pub(crate) fn lifting(floors: &[Floor], outcome: Outcome) -> impl Iterator<Item = &Floor> {
    floors.iter().filter(move |floor| floor.level == outcome)
}
