"use strict";
// Shows /openapi.yaml. Redoc's own fonts and search worker are left out: they
// would come from elsewhere, or from a script made on the fly.
const fonts = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';
Redoc.init("/openapi.yaml", {
  disableSearch: true,
  hideDownloadButton: true,
  sortRequiredPropsFirst: true,
  expandResponses: "200,201",
  jsonSampleExpandLevel: 3,
  theme: {
    typography: { fontFamily: fonts, headings: { fontFamily: fonts }, code: { wrap: true } },
    colors: { primary: { main: "#0b5cad" } },
  },
}, document.getElementById("contract"));
