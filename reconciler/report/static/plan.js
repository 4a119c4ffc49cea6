"use strict";
(() => {
  const box = document.querySelector(".filter");
  if (!box) return;
  const field = document.getElementById("filter");
  const found = document.getElementById("found");
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const collections = [...document.querySelectorAll(".collection")].map((article) => ({
    article,
    name: plain(article.querySelector("h3").textContent),
    rows: [...article.querySelectorAll("tbody tr, details li")].map((row) => ({
      row,
      who: plain((row.querySelector("th") || row).textContent),
    })),
  }));

  const narrow = () => {
    const wanted = plain(field.value.trim());
    let left = 0;
    for (const { article, name, rows } of collections) {
      const whole = name.includes(wanted);
      let any = whole;
      for (const { row, who } of rows) {
        row.hidden = !whole && !who.includes(wanted);
        any = any || !row.hidden;
      }
      article.hidden = !any;
      left += any ? 1 : 0;
    }
    found.textContent = wanted ? `${left} of ${collections.length} collections` : "";
  };

  field.addEventListener("input", narrow);
  box.hidden = false;
  narrow();
})();
