//! What all questions are drawn with.

use eframe::egui::{
    self, Align, Button, FontId, Frame, Label, Layout, Margin, Response, RichText, Role, Stroke, StrokeKind, Ui, WidgetInfo,
    text::{LayoutJob, TextFormat},
    vec2,
};

use super::{
    address::{Piece, grouped, pieces},
    look::{self, Look},
};
use crate::render::clean;

/// A ring around what has the keyboard focus.
pub fn ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let look = Look::of(ui);
        ui.painter().rect_stroke(response.rect.expand(3.0), 10.0, Stroke::new(2.0, look.accent), StrokeKind::Middle);
    }
}

/// Words in `font`; addresses among them in groups of four. Can be selected.
pub fn line(ui: &mut Ui, text: &str, font: &FontId, color: egui::Color32) -> Response {
    let text = clean(text);
    let mut job = LayoutJob::default();
    for piece in pieces(&text) {
        match piece {
            Piece::Words(words) => job.append(words, 0.0, TextFormat { valign: Align::Center, ..TextFormat::simple(font.clone(), color) }),
            Piece::Address(a) => {
                job.append(&grouped(a), 0.0, TextFormat { valign: Align::Center, ..TextFormat::simple(look::address(), color) });
            }
        }
    }
    ui.add(Label::new(job).wrap())
}

/// Plain words.
pub fn say(ui: &mut Ui, text: &str) {
    let color = Look::of(ui).text;
    line(ui, text, &FontId::proportional(15.0), color);
}

/// Words of less weight.
pub fn aside(ui: &mut Ui, text: &str) {
    let color = Look::of(ui).weak;
    line(ui, text, &look::small(), color);
}

/// The heading of a part.
pub fn part(ui: &mut Ui, title: &str) {
    ui.add_space(8.0);
    let look = Look::of(ui);
    let response = ui.label(RichText::new(title).font(FontId::new(13.0, look::strong())).color(look.weak));
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
}

/// The heading of the question.
pub fn title(ui: &mut Ui, text: &str) {
    let color = Look::of(ui).text;
    let response = line(ui, text, &look::heading(), color);
    let words = clean(text);
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &words));
}

/// A white box.
pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let look = Look::of(ui);
    let frame =
        Frame::new().fill(look.card).stroke(Stroke::new(1.0, look.line)).corner_radius(10.0).inner_margin(Margin::symmetric(14, 12));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui)
        })
        .inner
}

/// A box that is told apart by words, a sign and colour.
pub fn warning_box(ui: &mut Ui, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let look = Look::of(ui);
    let frame = Frame::new()
        .fill(look.warning_ground)
        .stroke(Stroke::new(1.5, look.warning))
        .corner_radius(10.0)
        .inner_margin(Margin::symmetric(14, 12));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            triangle(ui, look);
            let response = ui.label(RichText::new(heading).font(look::emphasis()).color(look.warning));
            response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, heading));
        });
        for text in lines {
            line(ui, text, &FontId::proportional(15.0), look.warning);
        }
    });
}

/// A warning sign: a triangle with an exclamation mark, drawn so that no font is needed.
fn triangle(ui: &mut Ui, look: Look) {
    let (rect, _) = ui.allocate_exact_size(vec2(22.0, 22.0), egui::Sense::hover());
    let c = rect.center();
    let points = vec![c + vec2(0.0, -9.0), c + vec2(10.0, 8.0), c + vec2(-10.0, 8.0)];
    ui.painter().add(egui::Shape::convex_polygon(points, look.warning, Stroke::NONE));
    ui.painter().line_segment([c + vec2(0.0, -3.5), c + vec2(0.0, 2.0)], Stroke::new(2.2, look.warning_ground));
    ui.painter().circle_filled(c + vec2(0.0, 5.0), 1.4, look.warning_ground);
}

/// The heading of what the person said in chat.
pub const YOU_SAID: &str = "You said in chat";

/// What somebody said, marked as a quote.
pub fn quote(ui: &mut Ui, heading: &str, said: Option<&str>) {
    let Some(said) = said.filter(|s| !s.is_empty()) else {
        return;
    };
    part(ui, heading);
    let look = Look::of(ui);
    let response = Frame::new()
        .inner_margin(Margin { left: 14, right: 4, top: 2, bottom: 2 })
        .show(ui, |ui| line(ui, &format!("“{said}”"), &FontId::proportional(15.0), look.text))
        .response;
    let bar = response.rect;
    ui.painter().line_segment([bar.left_top(), bar.left_bottom()], Stroke::new(3.0, look.line));
}

/// Beyond clear, a line across that says so.
pub fn play_money(ui: &mut Ui) {
    let look = Look::of(ui);
    let frame = Frame::new().fill(look.added_ground).corner_radius(10.0).inner_margin(Margin::symmetric(14, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let words = "Play money: nothing here is worth anything outside of this computer.";
        ui.add(Label::new(RichText::new(words).font(FontId::new(14.0, look::strong())).color(look.added)).wrap());
    });
}

/// What a button of the bar is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The way out.
    No,
    /// What is asked for.
    Yes,
}

/// A wide button; `why_not` stands on it while it can't be pressed.
pub fn wide(ui: &mut Ui, text: &str, weight: Weight, why_not: Option<&str>, tip: &str) -> Response {
    let look = Look::of(ui);
    let size = vec2(ui.available_width(), 46.0);
    let words = why_not.unwrap_or(text);
    let (fill, color, stroke) = match (weight, why_not) {
        (Weight::Yes, None) => (look.accent, look.on_accent, Stroke::NONE),
        (Weight::Yes, Some(_)) => (look.ground, look.weak, Stroke::new(1.0, look.line)),
        (Weight::No, _) => (look.card, look.text, Stroke::new(1.0, look.weak)),
    };
    let label = RichText::new(words).font(look::emphasis()).color(color);
    let button = Button::new(label).fill(fill).stroke(stroke).corner_radius(10.0).min_size(size).wrap();
    let response = ui.add_enabled(why_not.is_none(), button);
    ring(ui, &response);
    response.on_hover_text(tip).on_disabled_hover_text(tip)
}

/// Two columns of the same width for the two answers, the "no" first.
pub fn two<A, B>(ui: &mut Ui, no: impl FnOnce(&mut Ui) -> A, yes: impl FnOnce(&mut Ui) -> B) -> (A, B) {
    ui.spacing_mut().item_spacing.x = 12.0;
    ui.columns_const(|[left, right]| {
        let layout = Layout::top_down_justified(Align::Center);
        (left.with_layout(layout, no).inner, right.with_layout(layout, yes).inner)
    })
}
