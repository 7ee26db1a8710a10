//! The program that fetches the granules, for NASA's client `earthaccess`.

use serde::Serialize;

use super::DownloadPlan;

/// What follows the plan in the script.
const PROGRAM: &str = include_str!("download.py");
/// Where the plan goes.
const PLACE: &str = "PLAN = {}\n";

/// What the script knows of the plan. JSON of texts, numbers and lists of them is Python, too.
#[derive(Serialize)]
struct Plan<'a> {
    bbox: [f64; 4],
    products: Vec<Product<'a>>,
}

#[derive(Serialize)]
struct Product<'a> {
    short_name: &'a str,
    version: &'a str,
    provider: &'a str,
    spans: &'a [[String; 2]],
    names: &'a [String],
}

pub(super) fn of(plan: &DownloadPlan) -> String {
    let products = plan.products.iter().map(|product| Product {
        short_name: product.short_name,
        version: product.version,
        provider: product.provider,
        spans: &product.spans,
        names: &product.names,
    });
    let plan = Plan {
        bbox: plan.bbox,
        products: products.collect(),
    };
    let plan = serde_json::to_string_pretty(&plan).expect("texts and finite numbers serialise");
    PROGRAM.replacen(PLACE, &format!("PLAN = {plan}\n"), 1)
}
