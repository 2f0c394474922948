/**
 * Drawings of our own, 24 by 24, in lines of the group's colour: for what has no official icon. `accent` parts are filled.
 * A drawing of the chip of an accelerator carries NVIDIA's mark, which is added from the icons.
 */
export const shapes: Readonly<Record<string, readonly { readonly d: string; readonly filled?: true }[]>> = Object.freeze({
  process: [{ d: "M3 5h18v14H3z" }, { d: "M3 9h18" }, { d: "M7 12.5l2.5 2-2.5 2" }, { d: "M12 16.5h5" }],
  cluster: [
    { d: "M3 3.5h18v5H3zM3 9.75h18v5H3zM3 16h18v5H3z" },
    { d: "M6 5.3h1.6v1.6H6zM6 11.5h1.6v1.6H6zM6 17.7h1.6v1.6H6z", filled: true },
    { d: "M11 6h7M11 12.25h7M11 18.5h7" },
  ],
  inference: [{ d: "M4 4.5h11v15H4z" }, { d: "M7 9h5M7 12h5M7 15h3" }, { d: "M15 12h6M18.5 9.2L21.3 12l-2.8 2.8" }],
  catalog: [
    { d: "M4 4.5h6.5c.9 0 1.5.6 1.5 1.5v14c0-.9-.6-1.5-1.5-1.5H4zM20 4.5h-6.5c-.9 0-1.5.6-1.5 1.5v14c0-.9.6-1.5 1.5-1.5H20z" },
    { d: "M6.5 8h3M6.5 11h3M14.5 8h3M14.5 11h3" },
  ],
  registry: [{ d: "M12 2.8l8 4.4v9.6l-8 4.4-8-4.4V7.2z" }, { d: "M4 7.2l8 4.5 8-4.5M12 11.7v9.5" }],
  monitor: [{ d: "M2.5 4h19v13h-19z" }, { d: "M5.5 11h3l2-4 3 6.5 2-2.5h3" }, { d: "M8 20.5h8" }],
  journal: [
    { d: "M6 3h13v18H6z" },
    { d: "M9.5 3v18" },
    { d: "M12.5 8h3.5M12.5 11.5h3.5M12.5 15h3.5" },
    { d: "M4 6.5h3.5M4 12h3.5M4 17.5h3.5" },
  ],
  cache: [{ d: "M13 2.5L5 13.5h5.5L10 21.5l8.5-11.5H13z" }],
  api: [
    { d: "M8 4.5c-3 0-3 2-3 3.7S4.6 12 3 12c1.6 0 2 2 2 3.8S5 19.5 8 19.5M16 4.5c3 0 3 2 3 3.7s.4 3.8 2 3.8c-1.6 0-2 2-2 3.8s0 3.7-3 3.7" },
    { d: "M8.3 11.2h1.6v1.6H8.3zM11.2 11.2h1.6v1.6h-1.6zM14.1 11.2h1.6v1.6h-1.6z", filled: true },
  ],
  log: [{ d: "M5 2.8h10l4.2 4.2v14.2H5z" }, { d: "M15 2.8V7h4.2" }, { d: "M8 11h8M8 14h8M8 17h5" }],
  file: [{ d: "M5 2.8h10l4.2 4.2v14.2H5z" }, { d: "M15 2.8V7h4.2" }, { d: "M8 11h8v6.5H8zM8 14.2h8M12 11v6.5" }],
  clinic: [{ d: "M4 4h16v16H4z" }, { d: "M10.2 7.5h3.6v2.7h2.7v3.6h-2.7v2.7h-3.6v-2.7H7.5v-3.6h2.7z", filled: true }],
  disk: [{ d: "M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0z" }, { d: "M4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0" }],
  database: [{ d: "M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0z" }, { d: "M4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0" }],
  pipeline: [{ d: "M3 4h6v6H3zM15 4h6v6h-6zM9 14.5h6v6H9z" }, { d: "M9 7h6M6 10v7.5h3M18 10v7.5h-3" }],
  gpu: [
    { d: "M5.5 5.5h13v13h-13z" },
    { d: "M9 5.5V2.5M15 5.5V2.5M12 5.5V2.5M9 21.5v-3M15 21.5v-3M12 21.5v-3M5.5 9h-3M5.5 12h-3M5.5 15h-3M21.5 9h-3M21.5 12h-3M21.5 15h-3" },
  ],
  table: [{ d: "M3.5 4.5h17v15h-17z" }, { d: "M3.5 9.5h17M3.5 14.5h17M9.2 9.5v10M14.8 9.5v10" }, { d: "M3.5 4.5h17v5h-17z", filled: true }],
  model: [
    {
      d: "M5 6.5a2 2 0 1 0 .01 0zM5 17.5a2 2 0 1 0 .01 0zM12 3.3a2 2 0 1 0 .01 0zM12 12a2 2 0 1 0 .01 0zM19 7.5a2 2 0 1 0 .01 0zM19 16.5a2 2 0 1 0 .01 0z",
      filled: true,
    },
    { d: "M5 8.5l7 5.5M5 8.5l7-3.2M5 19.5l7-5.5M12 5.3l7 4.2M12 14l7-4.5M12 14l7 4.5" },
  ],
  endpoint: [{ d: "M12 3a9 9 0 1 0 .01 0z" }, { d: "M3 12h18M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18" }],
  metric: [{ d: "M4 3.5v17h17" }, { d: "M8 17v-5h2.5v5zM12.5 17V8H15v9zM17 17V5h2.5v12z", filled: true }],
  part: [{ d: "M4 4h16v16H4z" }, { d: "M8 12h8M12 8v8" }],
});
