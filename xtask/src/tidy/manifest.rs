//! A `Cargo.toml`, as far as the rules read it.

use super::tree::line_of;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Which table of a manifest a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the crate is built with, and its build script.
    Normal,
    /// Tests, examples and benches only.
    Dev,
}

/// One dependency.
#[derive(Debug)]
pub(crate) struct Dependency {
    /// The package's name, also where it is renamed.
    pub(crate) package: String,
    pub(crate) kind: Kind,
    /// From 1.
    pub(crate) line: usize,
    /// `workspace = true`.
    pub(crate) inherited: bool,
    /// `optional = true`: only a feature brings it in.
    pub(crate) optional: bool,
    /// A crate of this repository, by its path.
    pub(crate) path: bool,
}

/// One crate.
#[derive(Debug)]
pub(crate) struct Manifest<'a> {
    /// Of `Cargo.toml`, from the root.
    pub(crate) path: &'a str,
    /// `package.name`.
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// `[lints] workspace = true` stands there.
    pub(crate) lints_inherited: bool,
}

impl<'a> Manifest<'a> {
    /// `None` where it is not the manifest of a package, or not TOML (which cargo says better).
    pub(crate) fn parse(path: &'a str, text: &str) -> Option<Self> {
        let table = DeTable::parse(text).ok()?.into_inner();
        let name = get(table_of(&table, "package")?, "name")?.as_str()?.to_owned();
        let lints_inherited = table_of(&table, "lints")
            .and_then(|lints| get(lints, "workspace"))
            .and_then(DeValue::as_bool)
            .unwrap_or(false);
        let mut dependencies = dependencies_of(&table, text);
        for (_, target) in table_of(&table, "target").into_iter().flatten() {
            if let Some(target) = target.get_ref().as_table() {
                dependencies.extend(dependencies_of(target, text));
            }
        }
        Some(Self { path, name, dependencies, lints_inherited })
    }
}

/// The dependencies of `[workspace.dependencies]`.
pub(crate) fn workspace_dependencies(text: &str) -> Vec<Dependency> {
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let workspace = table_of(table.get_ref(), "workspace");
    workspace.and_then(|workspace| table_of(workspace, "dependencies")).map_or_else(
        Vec::new,
        |dependencies| {
            dependencies
                .iter()
                .map(|(name, value)| dependency(name, value.get_ref(), Kind::Normal, text))
                .collect()
        },
    )
}

fn dependencies_of(table: &DeTable<'_>, text: &str) -> Vec<Dependency> {
    let tables = [
        ("dependencies", Kind::Normal),
        ("build-dependencies", Kind::Normal),
        ("dev-dependencies", Kind::Dev),
    ];
    let mut found = Vec::new();
    for (name, kind) in tables {
        for (name, value) in table_of(table, name).into_iter().flatten() {
            found.push(dependency(name, value.get_ref(), kind, text));
        }
    }
    found
}

fn dependency(
    name: &Spanned<std::borrow::Cow<'_, str>>,
    value: &DeValue<'_>,
    kind: Kind,
    text: &str,
) -> Dependency {
    let field = |field: &str| value.as_table().and_then(|table| get(table, field));
    let package = field("package").and_then(DeValue::as_str).unwrap_or(name.get_ref()).to_owned();
    Dependency {
        package,
        kind,
        line: line_of(text, name.span().start),
        inherited: field("workspace").and_then(DeValue::as_bool).unwrap_or(false),
        optional: field("optional").and_then(DeValue::as_bool).unwrap_or(false),
        path: field("path").is_some(),
    }
}

fn get<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<&'t DeValue<'i>> {
    table.get(name).map(Spanned::get_ref)
}

fn table_of<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<&'t DeTable<'i>> {
    get(table, name).and_then(DeValue::as_table)
}
