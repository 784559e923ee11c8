// The plan beside the picture: each step with a tick, a cross, or the dot of the one that runs.

const MARKS = { success: "✓", failure: "✗", running: "●", pending: "○" };

export class StepList {
  /** `steps`: [{text, reason}]; `pick(i)` where one is clicked, if given. */
  constructor(place, steps, pick = null) {
    place.replaceChildren();
    this.rows = steps.map((step, i) => {
      const row = document.createElement("li");
      const [mark, words, when] = ["mark", "words", "when"].map((name) => {
        const span = document.createElement("span");
        span.className = name;
        row.append(span);
        return span;
      });
      words.textContent = step.text;
      const reason = document.createElement("span");
      reason.className = "reason";
      reason.hidden = true;
      row.append(reason);
      if (pick) row.addEventListener("click", () => pick(i));
      place.append(row);
      return { row, mark, words, when, reason, status: null };
    });
  }

  /**
   * `statuses`: one word each of MARKS; `current`: which is spoken of, apart from those that run;
   * `reasons`: why each failed; `notes`: text at the right of each.
   */
  show(statuses, current, reasons = [], notes = []) {
    this.rows.forEach((item, i) => {
      const status = statuses[i] in MARKS ? statuses[i] : "pending";
      item.row.classList.toggle("now", i === current || status === "running");
      if (notes[i] !== undefined && item.when.textContent !== notes[i]) item.when.textContent = notes[i];
      if (status === item.status) return;
      item.status = status;
      item.mark.textContent = MARKS[status];
      item.mark.className = "mark " + status;
      item.words.classList.toggle("pending-words", status === "pending");
      item.reason.textContent = reasons[i] ?? "";
      item.reason.hidden = status !== "failure" || !reasons[i];
    });
  }
}
