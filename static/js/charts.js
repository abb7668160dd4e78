/* figure[data-chart]: draws the JSON beside it with ECharts; the table twin stays one button away. renderMode "richText" keeps the tooltip out of inline styles. */
(function () {
  "use strict";
  const PALETTE = ["#2b5c8a", "#a61b1b", "#8a5300", "#226b35", "#6b5b95", "#5c5852", "#1f7a7a", "#b3625a"];
  const PREFER = "portal.chart";

  function base(spec, elder) {
    const size = elder ? 17 : 13;
    return {
      color: PALETTE,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: size, color: "#1f1d1a" },
      aria: { enabled: true, decal: { show: spec.series.length > 1 || spec.kind === "pie" } },
      tooltip: { renderMode: "richText", confine: true, trigger: spec.kind === "pie" ? "item" : "axis", axisPointer: { type: "shadow" }, textStyle: { fontSize: size }, valueFormatter: (value) => (value == null ? "—" : Number(value).toLocaleString("zh-CN") + (spec.unit ? " " + spec.unit : "")) },
      legend: spec.series.length > 1 || spec.kind === "pie" ? { bottom: 0, textStyle: { fontSize: size } } : undefined,
      animation: false,
    };
  }

  function axes(spec, option, elder) {
    const size = elder ? 17 : 13;
    const names = { type: "category", data: spec.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: "#8c867e" } }, axisLabel: { color: "#5c5852", fontSize: size, interval: spec.categories.length > 16 ? "auto" : 0, hideOverlap: true } };
    const amounts = { type: "value", name: spec.unit || "", nameTextStyle: { color: "#5c5852", align: "right" }, axisLabel: { color: "#5c5852", fontSize: size }, splitLine: { lineStyle: { color: "#efece7" } } };
    const lying = spec.kind === "hbar";
    if (lying) {
      names.inverse = true;
      amounts.name = "";
    } else if (spec.categories.length > 7) {
      names.axisLabel.rotate = 40;
    }
    option.xAxis = lying ? amounts : names;
    option.yAxis = lying ? names : amounts;
    option.grid = { left: 8, right: 20, top: lying ? 8 : 34, bottom: option.legend ? 40 : 8, containLabel: true };
    return option;
  }

  function build(spec) {
    const elder = document.body.classList.contains("elder");
    const option = base(spec, elder);
    if (spec.kind === "pie") {
      const one = spec.series[0];
      option.series = [{ name: one.name, type: "pie", radius: ["45%", "70%"], center: ["50%", "45%"], label: { formatter: "{b} {d}%" }, data: spec.categories.map((name, i) => ({ name, value: one.data[i] })) }];
      return option;
    }
    option.series = spec.series.map((one) => ({ name: one.name, data: one.data, type: spec.kind === "line" ? "line" : "bar", stack: spec.kind === "stack" ? "all" : undefined, barMaxWidth: 28, symbolSize: 7 }));
    return axes(spec, option, elder);
  }

  function draw(figure) {
    const place = figure.querySelector(".canvas");
    const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const picture = echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "canvas" });
    picture.setOption(build(spec), true);
    place.setAttribute("aria-label", place.dataset.label);
    picture.off("click");
    picture.on("click", (point) => {
      const urls = spec.series[point.seriesIndex || 0].urls;
      if (urls && urls[point.dataIndex]) location.assign(urls[point.dataIndex]);
    });
    return picture;
  }

  function turn(figure, picture) {
    const place = figure.querySelector(".canvas");
    const table = document.getElementById(figure.dataset.chart + "-table");
    const toggle = figure.querySelector("[data-chart-toggle]");
    place.hidden = !picture;
    table.hidden = picture;
    toggle.textContent = picture ? "换成表" : "换成图";
    if (picture) draw(figure).resize();
  }

  Portal.onReady((root) => {
    if (!window.echarts) return;
    root.querySelectorAll("figure[data-chart]").forEach((figure) => {
      if (figure.dataset.drawn) return;
      figure.dataset.drawn = "1";
      const place = figure.querySelector(".canvas");
      place.dataset.label = place.getAttribute("aria-label");
      const toggle = figure.querySelector("[data-chart-toggle]");
      toggle.hidden = false;
      toggle.addEventListener("click", () => {
        const picture = figure.querySelector(".canvas").hidden;
        try { localStorage.setItem(PREFER, picture ? "picture" : "table"); } catch (_) { /* not remembered */ }
        turn(figure, picture);
      });
      let prefer = figure.dataset.prefer || "picture";
      try { prefer = localStorage.getItem(PREFER) || prefer; } catch (_) { /* not remembered */ }
      turn(figure, prefer === "picture");
    });
  });
  window.addEventListener("resize", () => {
    if (!window.echarts) return;
    document.querySelectorAll("figure[data-chart] .canvas:not([hidden])").forEach((place) => echarts.getInstanceByDom(place)?.resize());
  });
})();
