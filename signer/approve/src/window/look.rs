//! Colours, fonts and sizes.

use std::sync::Arc;

use eframe::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke, TextStyle, Theme, Visuals, vec2,
};

/// Colours that egui's own styles have no name for.
#[derive(Clone, Copy)]
pub struct Look {
    pub text: Color32,
    pub weak: Color32,
    pub line: Color32,
    pub ground: Color32,
    pub card: Color32,
    pub accent: Color32,
    /// Text on `accent`.
    pub on_accent: Color32,
    pub warning: Color32,
    pub warning_ground: Color32,
    pub gone: Color32,
    pub gone_ground: Color32,
    pub added: Color32,
    pub added_ground: Color32,
}

const LIGHT: Look = Look {
    text: Color32::from_rgb(0x1b, 0x1d, 0x21),
    weak: Color32::from_rgb(0x5a, 0x5f, 0x68),
    line: Color32::from_rgb(0xd9, 0xdb, 0xdf),
    ground: Color32::from_rgb(0xf6, 0xf6, 0xf4),
    card: Color32::from_rgb(0xff, 0xff, 0xff),
    accent: Color32::from_rgb(0x1f, 0x6b, 0x58),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    warning: Color32::from_rgb(0x75, 0x4b, 0x00),
    warning_ground: Color32::from_rgb(0xff, 0xf3, 0xd6),
    gone: Color32::from_rgb(0x9b, 0x22, 0x1c),
    gone_ground: Color32::from_rgb(0xfb, 0xe9, 0xe7),
    added: Color32::from_rgb(0x17, 0x63, 0x3f),
    added_ground: Color32::from_rgb(0xe4, 0xf3, 0xea),
};

const DARK: Look = Look {
    text: Color32::from_rgb(0xec, 0xed, 0xee),
    weak: Color32::from_rgb(0xa6, 0xaa, 0xb2),
    line: Color32::from_rgb(0x3a, 0x3d, 0x43),
    ground: Color32::from_rgb(0x17, 0x18, 0x1b),
    card: Color32::from_rgb(0x20, 0x22, 0x26),
    accent: Color32::from_rgb(0x63, 0xc8, 0xa8),
    on_accent: Color32::from_rgb(0x0c, 0x1f, 0x19),
    warning: Color32::from_rgb(0xff, 0xd9, 0x8a),
    warning_ground: Color32::from_rgb(0x39, 0x2d, 0x12),
    gone: Color32::from_rgb(0xff, 0xa5, 0x9c),
    gone_ground: Color32::from_rgb(0x3b, 0x1f, 0x1d),
    added: Color32::from_rgb(0x8e, 0xe0, 0xb4),
    added_ground: Color32::from_rgb(0x17, 0x32, 0x25),
};

impl Look {
    pub fn of(ui: &egui::Ui) -> Self {
        if ui.visuals().dark_mode { DARK } else { LIGHT }
    }
}

/// Family of headings and of what happens.
pub fn strong() -> FontFamily {
    FontFamily::Name("strong".into())
}

pub fn heading() -> FontId {
    FontId::new(22.0, strong())
}

pub fn emphasis() -> FontId {
    FontId::new(16.0, strong())
}

pub fn small() -> FontId {
    FontId::proportional(13.0)
}

pub fn address() -> FontId {
    FontId::monospace(14.5)
}

/// Set colours and sizes of a new window. What is not known of the system's preference is light.
pub fn set(context: &egui::Context, theme: Option<Theme>) {
    context.options_mut(|options| {
        options.fallback_theme = Theme::Light;
        if let Some(theme) = theme {
            options.theme_preference = theme.into();
        }
    });
    for theme in [Theme::Light, Theme::Dark] {
        context.style_mut_of(theme, |style| {
            style.visuals = visuals(theme);
            style.spacing.item_spacing = vec2(8.0, 8.0);
            style.spacing.button_padding = vec2(14.0, 8.0);
            style.spacing.interact_size.y = 34.0;
            style.spacing.icon_width = 20.0;
            style.spacing.icon_width_inner = 10.0;
            style.spacing.menu_margin = Margin::same(6);
            style.spacing.scroll = egui::style::ScrollStyle { foreground_color: true, ..egui::style::ScrollStyle::solid() };
            style.animation_time = 0.0;
            style.text_styles.insert(TextStyle::Body, FontId::proportional(15.0));
            style.text_styles.insert(TextStyle::Button, FontId::proportional(15.0));
            style.text_styles.insert(TextStyle::Small, small());
            style.text_styles.insert(TextStyle::Heading, heading());
            style.text_styles.insert(TextStyle::Monospace, address());
            style.interaction.tooltip_delay = 0.4;
        });
    }
}

fn visuals(theme: Theme) -> Visuals {
    let (look, mut visuals) = match theme {
        Theme::Light => (LIGHT, Visuals::light()),
        Theme::Dark => (DARK, Visuals::dark()),
    };
    visuals.override_text_color = Some(look.text);
    visuals.weak_text_color = Some(look.weak);
    visuals.panel_fill = look.ground;
    visuals.window_fill = look.card;
    visuals.window_stroke = Stroke::new(1.0, look.line);
    visuals.extreme_bg_color = look.card;
    visuals.text_edit_bg_color = Some(look.card);
    visuals.selection.bg_fill = look.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(2.0, look.accent);
    visuals.hyperlink_color = look.accent;
    visuals.disabled_alpha = 1.0;
    let corner = CornerRadius::same(8);
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = corner;
        widget.weak_bg_fill = look.card;
        widget.bg_fill = look.card;
        widget.bg_stroke = Stroke::new(1.0, look.line);
        widget.fg_stroke = Stroke::new(1.5, look.text);
        widget.expansion = 0.0;
    }
    // The handle of the scroll bar.
    visuals.widgets.inactive.fg_stroke = Stroke::new(1.5, look.weak);
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, look.weak);
    visuals.widgets.active.bg_stroke = Stroke::new(1.5, look.accent);
    visuals
}

/// Upright and strong fonts of the system, in order of preference; egui's own where none is there.
const TEXT: &[(&str, &str)] = &[
    ("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf"),
    ("/usr/share/fonts/noto/NotoSans-Regular.ttf", "/usr/share/fonts/noto/NotoSans-Bold.ttf"),
    ("/usr/share/fonts/google-noto/NotoSans-Regular.ttf", "/usr/share/fonts/google-noto/NotoSans-Bold.ttf"),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    ("/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf"),
    ("/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf"),
    ("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf"),
];

/// Fonts for Chinese, Japanese and Korean; large, so read only where such characters are to be shown.
const EAST_ASIAN: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
];

/// Fonts for a window that shows `text`.
pub fn fonts(text: &str) -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mut upright = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let mut bold = upright.clone();
    let pair = TEXT.iter().find_map(|(regular, strong)| Some((std::fs::read(regular).ok()?, std::fs::read(strong).ok()?)));
    if let Some((regular, strong)) = pair {
        add(&mut fonts, "system", regular, &mut [&mut upright], 0);
        add(&mut fonts, "system strong", strong, &mut [&mut bold], 0);
    }
    let mut monospace = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    if needs_east_asian(text)
        && let Some(bytes) = EAST_ASIAN.iter().find_map(|path| std::fs::read(path).ok())
    {
        let last = usize::MAX;
        add(&mut fonts, "east asian", bytes, &mut [&mut upright, &mut bold, &mut monospace], last);
    }
    fonts.families.insert(FontFamily::Proportional, upright);
    fonts.families.insert(strong(), bold);
    fonts.families.insert(FontFamily::Monospace, monospace);
    fonts
}

fn add(fonts: &mut FontDefinitions, name: &str, bytes: Vec<u8>, families: &mut [&mut Vec<String>], at: usize) {
    fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_owned(bytes)));
    for family in families {
        family.insert(at.min(family.len()), name.to_owned());
    }
}

/// Scripts that egui's own fonts lack.
pub fn needs_east_asian(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{323af}'))
}

/// A seal: the window's icon, in place of the toolkit's own.
pub fn icon() -> egui::IconData {
    const SIDE: usize = 64;
    let mut rgba = Vec::with_capacity(SIDE * SIDE * 4);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (dx, dy) = (x as f32 - 31.5, y as f32 - 31.5);
            let r = dx.hypot(dy);
            let edge = |at: f32| (at - r).clamp(0.0, 1.0);
            let (disc, ring, dot) = (edge(31.0), edge(22.0) - edge(17.0), edge(8.0));
            let light = (ring + dot).clamp(0.0, 1.0);
            let mix = |dark: f32, bright: f32| (dark + (bright - dark) * light) as u8;
            rgba.extend_from_slice(&[mix(31.0, 255.0), mix(107.0, 255.0), mix(88.0, 255.0), (disc * 255.0) as u8]);
        }
    }
    egui::IconData { rgba, width: SIDE as u32, height: SIDE as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast as in WCAG 2.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let channel = |v: u8| {
                let v = f32::from(v) / 255.0;
                if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn everything_can_be_read_on_its_ground() {
        for look in [LIGHT, DARK] {
            for (text, ground) in [
                (look.text, look.ground),
                (look.text, look.card),
                (look.weak, look.ground),
                (look.weak, look.card),
                (look.on_accent, look.accent),
                (look.warning, look.warning_ground),
                (look.gone, look.gone_ground),
                (look.added, look.added_ground),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
            }
        }
    }

    #[test]
    fn large_fonts_are_read_only_where_they_are_needed() {
        assert!(!needs_east_asian("Søren, Ωmega, Алиса"));
        assert!(needs_east_asian("王小明"));
        assert!(needs_east_asian("エミ"));
        assert!(fonts("Alice").font_data.len() < 10);
    }

    #[test]
    fn the_icon_is_a_whole_picture() {
        let icon = icon();
        assert_eq!(icon.rgba.len(), (icon.width * icon.height * 4) as usize);
    }
}
