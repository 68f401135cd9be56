//! The system file: model, JSON Schema, lint, expressions, compiled plans.
