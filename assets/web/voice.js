// Speaking to the robot, where the browser can listen, and hearing what became of it.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const HAN = /\p{Script=Han}/u;

export class Voice {
  /** `button`: pressed to speak, hidden where the browser cannot listen; `heard(text, whole)`; `remark(text)`. */
  constructor(button, { heard, remark }) {
    button.hidden = !Recognition;
    if (!Recognition) return;
    button.addEventListener("click", () => {
      if (this.listening) return this.listening.stop();
      const listening = (this.listening = new Recognition());
      listening.lang = navigator.language;
      listening.interimResults = true;
      listening.onresult = ({ results }) => {
        const all = Array.from(results);
        heard(all.map(([best]) => best.transcript).join("").trim(), all.every((result) => result.isFinal));
      };
      listening.onerror = ({ error }) => remark(`Nothing was heard: ${String(error).replaceAll("-", " ")}.`);
      listening.onend = () => {
        this.listening = null;
        button.setAttribute("aria-pressed", "false");
      };
      button.setAttribute("aria-pressed", "true");
      listening.start();
    });
  }
}

/** Says aloud what became of each job that ends from now on. */
export class Speaker {
  constructor() {
    this.on = false;
    this.over = null; // numbers of the jobs that are over
  }

  hear(jobs) {
    const over = new Map(jobs.filter((job) => job.status === "success" || job.status === "failure").map((job) => [job.number, job]));
    const fresh = this.over ? [...over.values()].filter(({ number }) => !this.over.has(number)) : [];
    this.over = over;
    if (this.on) for (const job of fresh.filter(({ again }) => again)) speak(job);
  }
}

function speak({ text, told, status, reason }) {
  const words = new SpeechSynthesisUtterance([text, told, status === "failure" && reason].filter(Boolean).join(". "));
  words.lang = HAN.test(text) ? "zh-CN" : "en-US";
  window.speechSynthesis?.speak(words);
}
