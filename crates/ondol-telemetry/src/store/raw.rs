//! Metrics: counted, and kept as they came until there is more to do with them.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use prost::Message;

use super::catalog::{DataFile, Opened};
use super::kind::Kind;
use super::relations::Relations;
use super::rows::{Hour, Rows};
use super::search;
use super::traces::TraceLine;
use crate::columns::raw;
use crate::error::QueryError;
use crate::index::{Block, Builder};
use crate::model::Source;
use crate::otlp::proto::collector::metrics::v1::ExportMetricsServiceRequest;
use crate::otlp::proto::metrics::v1::metric::Data;
use crate::otlp::proto::metrics::v1::{Metric, ResourceMetrics};
use crate::otlp::{Rules, Tally, source, weight};
use crate::rows::{Chunk, Tables};
use crate::telemetry::Signal;

/// Exports of metrics.
pub(crate) enum Metrics {}

/// Exports as they came.
#[derive(Debug, Default)]
pub(crate) struct RawChunk {
    times: Vec<u64>,
    bodies: Vec<Bytes>,
}

impl Chunk for RawChunk {
    fn len(&self) -> usize {
        self.times.len()
    }

    fn memory(&self) -> usize {
        self.bodies.iter().map(|body| body.len() + 48).sum()
    }

    fn times(&self) -> &[u64] {
        &self.times
    }

    fn close(&mut self) {}
}

impl Kind for Metrics {
    const SIGNAL: Signal = Signal::Metrics;
    type Request = (Bytes, ExportMetricsServiceRequest);
    type Chunk = RawChunk;

    fn weight(body: &[u8]) -> usize {
        weight::weight(body, &weight::METRICS)
    }

    fn decode(body: &Bytes) -> Result<Self::Request, String> {
        let request = ExportMetricsServiceRequest::decode(body.clone()).map_err(|error| error.to_string())?;
        Ok((body.clone(), request))
    }

    fn sources((_, request): &Self::Request) -> Vec<(Source, u64)> {
        let count =
            |of: &ResourceMetrics| of.scope_metrics.iter().flat_map(|of| &of.metrics).map(points).sum();
        request.resource_metrics.iter().map(|of| (source(of.resource.as_ref()), count(of))).collect()
    }

    fn pour(all: &Self::Request, rows: &mut Rows<RawChunk>, _: &mut Relations, rules: Rules) -> Vec<Tally> {
        let (chunk, _) = rows.chunk(rules.now_ns);
        chunk.times.push(rules.now_ns);
        chunk.bodies.push(all.0.clone());
        rows.added(rules.now_ns);
        let tally = |(source, points): (Source, u64)| {
            let mut tally = Tally::of(&source);
            (0..points).for_each(|_| tally.count(rules.judge(rules.now_ns)));
            tally
        };
        Self::sources(all).into_iter().map(tally).collect()
    }

    fn schema() -> Arc<Schema> {
        Arc::clone(&raw::SCHEMA)
    }

    fn seal(
        hour: &Hour<RawChunk>,
        _: &Tables,
        each: &mut dyn FnMut(RecordBatch, Block) -> Result<(), ArrowError>,
    ) -> Result<Vec<TraceLine>, ArrowError> {
        for chunk in hour.chunks() {
            let mut builder = Builder::default();
            chunk.times.iter().for_each(|_| builder.end_row());
            each(raw::batch(&chunk.times, &chunk.bodies)?, builder.finish(chunk.times.iter().copied()))?;
        }
        Ok(Vec::new())
    }

    fn load(file: &DataFile, opened: &Opened, rows: &mut Rows<RawChunk>) -> Result<(), QueryError> {
        search::raw(file, opened, None, std::iter::once(0..file.rows), |batch| {
            raw::read(&batch, |time, body| {
                let (chunk, _) = rows.chunk(time);
                chunk.times.push(time);
                chunk.bodies.push(body);
                rows.added(time);
            })
        })
    }
}

const fn points(metric: &Metric) -> u64 {
    match &metric.data {
        None => 0,
        Some(Data::Gauge(of)) => of.data_points.len() as u64,
        Some(Data::Sum(of)) => of.data_points.len() as u64,
        Some(Data::Histogram(of)) => of.data_points.len() as u64,
        Some(Data::ExponentialHistogram(of)) => of.data_points.len() as u64,
        Some(Data::Summary(of)) => of.data_points.len() as u64,
    }
}
