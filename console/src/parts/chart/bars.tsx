import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { compact } from "../format/number";
import { clock, day } from "../format/time";
import { Legend } from "./legend";
import css from "./bars.module.css";

export interface Series {
  key: string;
  label: string;
  /** A colour of CSS; custom properties are resolved. */
  colour: string;
}

interface Props {
  label: string;
  /** Beginnings of the steps, in milliseconds since 1970, one step apart. */
  at: number[];
  step: number;
  series: Series[];
  /** For each series its counts. They are stacked in this order. */
  counts: number[][];
  height?: number;
  /** A person chose a span by dragging. */
  onSelect?: (from: number, to: number) => void;
}

/** Counts over time as stacked bars. The same numbers are in a table for screen readers. */
export function Bars(props: Props) {
  const { at, step, series, counts, height = 140, onSelect } = props;
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(sized, place);
  const plot = useRef<uPlot | null>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  // Colours are drawn, not styled: another theme is another plot.
  const scheme = useComputedColorScheme("dark");
  const shape = series.map((one) => one.key).join();
  // The plot is made anew only where its shape changes; data follow below.
  useEffect(() => {
    const root = place.current;
    if (!root || width === 0) return;
    const made = new uPlot(options(root, width, height, series, step, (from, to) => select.current?.(from, to)), stacked(at, counts), root);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [width > 0, scheme, shape, step, height]);
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);
  useEffect(() => plot.current?.setData(stacked(at, counts)), [at, counts]);
  return (
    <figure className={css.figure} aria-label={props.label}>
      <div ref={ref} style={{ height }} aria-hidden />
      <Legend series={series} totals={counts.map((one) => one.reduce((sum, value) => sum + value, 0))} />
    </figure>
  );
}

/** Each series on top of those before it, drawn from the last, so that the first lies in front. */
function stacked(at: number[], counts: number[][]): uPlot.AlignedData {
  const sums: number[][] = [];
  for (const one of counts) {
    const below = sums.at(-1);
    sums.push(one.map((value, place) => value + (below?.[place] ?? 0)));
  }
  return [at.map((ms) => ms / 1_000), ...sums.reverse()] as uPlot.AlignedData;
}

function options(
  root: HTMLElement,
  width: number,
  height: number,
  series: Series[],
  step: number,
  select: (from: number, to: number) => void,
): uPlot.Options {
  const style = getComputedStyle(root);
  const resolve = (colour: string) => {
    const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
    return name ? style.getPropertyValue(name).trim() : colour;
  };
  const axis = {
    stroke: resolve("var(--soft)"),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: resolve("var(--line)"), width: 1 },
    ticks: { show: false },
  };
  const bars = uPlot.paths.bars?.({ size: [0.8, 40], align: 1 });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < 4) return;
          select(plot.posToVal(left, "x") * 1_000, plot.posToVal(left + wide, "x") * 1_000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
    scales: { x: { time: true, range: (_, min, max) => [min, max + step / 1_000] }, y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, values: (_, ticks) => labels(ticks), size: 24, space: 64 },
      { ...axis, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? compact(tick) : "")), size: 40, space: 28 },
    ],
    series: [{}, ...[...series].reverse().map(({ colour }) => ({ fill: resolve(colour), width: 0, paths: bars, points: { show: false } }) as uPlot.Series)],
  };
}

function labels(ticks: number[]): string[] {
  const long = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0) > 2 * 86_400;
  return ticks.map((tick) => (long ? day(tick * 1_000).slice(5) : clock(tick * 1_000, false).replace(/:00$/, "")));
}
