//! Facts in, an explained decision out.

use std::cell::OnceCell;
use std::collections::HashMap;

use cedar_policy::{Authorizer, Context, Entities, PolicySet, Request, RestrictedExpression};

use crate::facts::{Facts, Floor};
use crate::needs::Needs;
use crate::partition::{Asked, Looked, Sets};
use crate::request::{Signature, Value, View};
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
    view: &'a View,
    action: &'static Compiled,
    sets: Vec<&'a Sets>,
    looked: Option<Looked<'a>>,
    always: OnceCell<Result<Vec<&'a Rule>, String>>,
}

impl<'a> Question<'a> {
    pub fn new(rules: &'a RuleSet, view: &'a View) -> Result<Self, String> {
        let actions: &HashMap<_, Compiled> = compiled_actions().map_err(|error| error.to_string())?;
        let action = actions.get(&view.action).ok_or("an action that the schema does not have")?;
        // A moment that Cedar can't be told is a refusal, whether or not a rule asks for it.
        for (_, value) in &view.context {
            if let Value::Time(moment) = value {
                crate::dates::iso(*moment)?;
            }
        }
        let part = rules.for_action(view.action);
        Ok(Self {
            rules,
            view,
            action,
            sets: part.map(|part| part.concerning(view)).unwrap_or_default(),
            looked: part.map(|part| part.look(view)),
            always: OnceCell::new(),
        })
    }

    /// A rule that can't be evaluated (an overflow in its own arithmetic) is an error, not a rule that is skipped.
    pub fn at(&self, level: Outcome) -> Result<Verdict<'a>, String> {
        let approval = level.level().ok_or("no level")?;
        let mut verdict = Verdict { permits: Vec::new(), forbids: self.always(approval)?.to_vec() };
        let at = usize::try_from(approval).map_err(|_| "no level")?;
        let asked = self.sets.iter().map(|sets| sets.at.get(at).ok_or("no level")).collect::<Result<Vec<_>, _>>()?;
        self.ask(asked, approval, &mut verdict)?;
        Ok(verdict)
    }

    /// The forbids that hold whatever the approval, asked once.
    fn always(&self, approval: i64) -> Result<&[&'a Rule], String> {
        let always = self.always.get_or_init(|| {
            let mut verdict = Verdict { permits: Vec::new(), forbids: Vec::new() };
            self.ask(self.sets.iter().map(|sets| &sets.always).collect(), approval, &mut verdict)?;
            Ok(verdict.forbids)
        });
        always.as_deref().map_err(Clone::clone)
    }

    /// Asks Cedar about every rule that is not certain to fail.
    fn ask(&self, asked: Vec<&'a Asked>, approval: i64, verdict: &mut Verdict<'a>) -> Result<(), String> {
        let together = asked.iter().filter(|asked| !asked.together.is_empty()).map(|asked| (&asked.together, asked.needs));
        let may_hold = |one: &&crate::partition::Checked| self.looked.as_ref().is_none_or(|looked| one.may_hold(looked));
        let alone = asked.iter().flat_map(|asked| &asked.checked).filter(may_hold).map(|one| (&one.alone, one.needs));
        let (policies, needs): (Vec<&PolicySet>, Vec<Needs>) = together.chain(alone).unzip();
        if policies.is_empty() {
            return Ok(());
        }
        let needs = needs.into_iter().fold(Needs::default(), Needs::and);
        let (request, entities) = (self.request(needs, approval)?, self.entities(needs)?);
        for policies in policies {
            let response = Authorizer::new().is_authorized(&request, policies, &entities);
            if let Some(error) = response.diagnostics().errors().next() {
                return Err(format!("a rule can't be evaluated: {error}"));
            }
            for id in response.diagnostics().reason() {
                let rule = self.rules.named(id.as_ref()).ok_or("a rule without a name decided")?;
                if rule.permits { verdict.permits.push(rule) } else { verdict.forbids.push(rule) }
            }
        }
        Ok(())
    }

    /// The request at a level of approval, as Cedar takes it, with what is needed of the context.
    pub fn request(&self, needs: Needs, approval: i64) -> Result<Request, String> {
        let needed = self.view.context.iter().filter(|(name, _)| needs.has(name));
        let pairs = needed.map(|(name, value)| Ok(((*name).to_owned(), value.cedar()?)));
        let approval = Ok(("approval".to_owned(), RestrictedExpression::new_long(approval)));
        let pairs = pairs.chain([approval]).collect::<Result<Vec<_>, String>>()?;
        let context = Context::from_pairs(pairs).map_err(|error| error.to_string())?;
        let (principal, resource) = (self.view.principal.uid.cedar()?, self.view.resource.uid.cedar()?);
        Request::new(principal, self.action.uid.clone(), resource, context, None).map_err(|error| error.to_string())
    }

    /// The entities that can be seen then.
    pub fn entities(&self, needs: Needs) -> Result<Entities, String> {
        let mut known = HashMap::new();
        for one in self.view.entities().filter(|one| needs.sees(one.uid.kind)) {
            if !known.contains_key(&one.uid) {
                known.insert(&one.uid, one.cedar()?);
            }
        }
        Entities::from_entities(known.into_values().chain([self.action.entity.clone()]), None).map_err(|error| error.to_string())
    }
}

/// The floors that lift a signature to `outcome`.
pub(crate) fn lifting(floors: &[Floor], outcome: Outcome) -> impl Iterator<Item = &Floor> {
    floors.iter().filter(move |floor| floor.level == outcome)
}
