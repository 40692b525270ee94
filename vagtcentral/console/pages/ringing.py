"""That a call rings: heard by a tone made in the page, and seen in the title of its tab.

The tone comes out of the browser's Web Audio and asks no server for anything. Browsers are silent until their
user has pressed something on the page; the desk says so when that keeps it from being heard (`SILENT`).
"""

from nicegui import ui

from vagtcentral.console.pages.in_place import literal

#: Two tones twice, every two seconds, as European telephones ring: 440 and 480 Hz, soft at the edges.
RINGER = """<script>
window.vagtcentralRinger = (() => {
  let context = null, timer = null, blinking = null, title = null;
  const tone = (at) => {
    for (const hertz of [440, 480]) {
      const source = context.createOscillator(), volume = context.createGain();
      source.frequency.value = hertz;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.12, at + 0.03);
      volume.gain.setValueAtTime(0.12, at + 0.35);
      volume.gain.linearRampToValueAtTime(0, at + 0.4);
      source.connect(volume).connect(context.destination);
      source.start(at);
      source.stop(at + 0.45);
    }
  };
  const ring = () => {
    const heard = context.state === "running";
    document.documentElement.dataset.ringing = heard ? "heard" : "kept-silent";
    if (heard) { tone(context.currentTime); tone(context.currentTime + 0.6); }
    else context.resume();
  };
  const stop = () => {
    clearInterval(timer);
    clearInterval(blinking);
    timer = blinking = null;
    document.documentElement.classList.remove("ring-lit");
    delete document.documentElement.dataset.ringing;
    if (title !== null) { document.title = title; title = null; }
  };
  const start = (words, aloud) => {
    stop();
    title = document.title;
    document.title = words;
    document.documentElement.dataset.ringing = "seen";
    blinking = setInterval(() => document.documentElement.classList.toggle("ring-lit"), 700);
    if (!aloud) return;
    context = context || new AudioContext();
    context.resume();
    setTimeout(ring, 50);  // by then it has resumed, if the browser lets it
    timer = setInterval(ring, 2000);
  };
  return {start, stop};
})();
</script>"""

#: The class of what is shown only while the browser keeps the ringing silent.
SILENT = "kept-silent"


def install_ringer() -> None:
    """Give the page that is being drawn now the means to ring."""
    ui.add_head_html(RINGER)


class Ringer:
    """Rings in the page while a call does."""

    def __init__(self) -> None:
        self.aloud = True
        self._ringing: str | None = None

    def show(self, words: str | None) -> None:
        """Ring with these words as the title of the page; with None, be still."""
        if words == self._ringing:
            return
        self._ringing = words
        if words is None:
            ui.run_javascript("vagtcentralRinger.stop()")
            return
        ui.run_javascript(f"vagtcentralRinger.start({literal(words)}, {literal(self.aloud)})")

    def toggle(self) -> bool:
        """Sound on, or off; whether it is on now."""
        self.aloud = not self.aloud
        ringing, self._ringing = self._ringing, None
        if ringing is not None:
            self.show(ringing)
        return self.aloud
