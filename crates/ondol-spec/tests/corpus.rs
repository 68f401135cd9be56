//! What fuzzing kept, through the same checks, by an ordinary compiler: `fuzz/README.md` says where it comes from.

#[path = "../../../fuzz/checks/expression.rs"]
mod expression;
#[path = "../../../fuzz/checks/json.rs"]
mod json;
#[path = "../../../fuzz/checks/yaml.rs"]
mod yaml;

#[path = "../../../fuzz/checks/corpus.rs"]
mod corpus;

#[test]
fn files() {
    corpus::walk("yaml", yaml::check);
}

#[test]
fn expressions() {
    corpus::walk("expression", expression::check);
}

#[test]
fn json_from_outside() {
    corpus::walk("json", json::check);
}
