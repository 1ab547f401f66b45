//! A signature to be approved: what it does first and largest, then what is known of it.

use std::time::Duration;

use eframe::egui::{self, CollapsingHeader, FontId, RichText, Role, Ui, WidgetInfo};
use parlance_signer_protocol::approver::{AddressLine, Approval, Verdict};

use super::{
    address::grouped,
    answer::YesNo,
    arming::LOOK,
    look::{self, Look},
    parts,
    question::{Form, Now},
};
use crate::render::{self, clean};

pub struct ApprovalForm {
    approval: Approval,
    answer: YesNo,
}

impl ApprovalForm {
    pub fn new(approval: Approval) -> Self {
        let answer = YesNo::new(approval.level);
        Self { approval, answer }
    }
}

impl Form for ApprovalForm {
    fn body(&mut self, ui: &mut Ui, _now: &Now) -> f32 {
        let look = Look::of(ui);
        let a = &self.approval;
        if a.play_money {
            parts::play_money(ui);
            ui.add_space(4.0);
        }
        let question = if a.play_money { "Sign this? (play money)" } else { "Sign this?" };
        parts::part(ui, question);
        let (does, fee) = effects_and_fee(a);
        for sentence in does {
            parts::line(ui, sentence, &look::heading(), look.text);
        }
        for sentence in fee {
            parts::say(ui, sentence);
        }
        parts::line(ui, &render::worth(a), &look::emphasis(), look.text);
        terms(ui, a, look);
        ui.add_space(4.0);
        parts::warning_box(ui, "Careful", &a.warnings);
        if !a.addresses.is_empty() {
            parts::part(ui, "Addresses");
            for line in &a.addresses {
                address(ui, line, look);
            }
        }
        let must_see = ui.cursor().top();
        parts::quote(ui, parts::YOU_SAID, a.quote.as_deref());
        why(ui, a, look);
        claims(ui, &a.claims);
        ui.add_space(8.0);
        parts::aside(ui, &format!("Asked by: {}", a.origin));
        must_see
    }

    fn bar(&mut self, ui: &mut Ui, now: &Now) -> Option<Verdict> {
        self.answer.bar(ui, now)
    }

    fn delay(&self) -> Duration {
        LOOK
    }

    fn meanwhile(&self) -> &'static str {
        self.answer.meanwhile()
    }
}

/// The sentence about the fee comes last and is no effect of its own.
fn effects_and_fee(a: &Approval) -> (&[String], &[String]) {
    let sentences = &a.decision.sentences;
    let fee = usize::from(a.decision.effects.fee.is_some() && sentences.len() > 1);
    sentences.split_at(sentences.len() - fee)
}

/// Terms of credit: numbers side by side, then the lender's words as a quote. All of it has to be in sight for a "yes".
fn terms(ui: &mut Ui, a: &Approval, look: Look) {
    for terms in a.decision.effects.credit_terms() {
        parts::part(ui, "Terms");
        parts::card(ui, |ui| {
            for (name, value) in &terms.rows {
                ui.horizontal_wrapped(|ui| {
                    ui.label(RichText::new(*name).font(FontId::proportional(14.0)).color(look.weak));
                    ui.label(RichText::new(clean(value)).font(look::emphasis()).color(look.text));
                });
            }
        });
        parts::quote(ui, render::LENDER_SAYS, terms.quote.as_deref());
    }
}

fn address(ui: &mut Ui, line: &AddressLine, look: Look) {
    parts::card(ui, |ui| {
        let known = clean(&line.known_as);
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(clean(&line.role)).font(FontId::proportional(14.0)).color(look.weak));
            ui.label(RichText::new(&known).font(look::emphasis()).color(look.text));
        });
        ui.horizontal_wrapped(|ui| {
            let shown = grouped(&clean(&line.address));
            ui.add(egui::Label::new(RichText::new(shown).font(look::address()).color(look.text)).wrap());
            let copy = ui.add(egui::Button::new(RichText::new("Copy").font(look::small())).min_size(egui::vec2(0.0, 26.0)));
            copy.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Copy the address of {known}")));
            parts::ring(ui, &copy);
            if copy.on_hover_text("Copy the address, to compare it elsewhere").clicked() {
                ui.ctx().copy_text(line.address.clone());
            }
        });
    });
}

fn why(ui: &mut Ui, a: &Approval, look: Look) {
    if a.decision.rules.is_empty() && a.decision.why.is_empty() {
        return;
    }
    parts::part(ui, "Why you are asked");
    for rule in &a.decision.rules {
        parts::say(ui, &rule.sentence);
        let asks = format!("Rule {}: {}", rule.id, render::asks_for(a.level));
        parts::line(ui, &asks, &look::small(), look.weak);
    }
    for reason in &a.decision.why {
        parts::say(ui, reason);
    }
}

/// Folded: it must not look as if the signer had said it.
fn claims(ui: &mut Ui, claims: &[String]) {
    if claims.is_empty() {
        return;
    }
    ui.add_space(6.0);
    let heading = format!("Not checked by the signer ({})", claims.len());
    let output = CollapsingHeader::new(RichText::new(heading).font(FontId::proportional(15.0))).id_salt("claims").show(ui, |ui| {
        for claim in claims {
            parts::say(ui, claim);
        }
    });
    parts::ring(ui, &output.header_response);
}
