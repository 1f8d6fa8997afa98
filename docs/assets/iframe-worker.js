// Search runs in a worker, which browsers refuse to pages that were opened from a folder: there, a hidden frame
// does the same. The plugin for offline use would load such a script from another host.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.frame = frame.contentWindow
      this.frame.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }))
      const script = this.frame.document.createElement("script")
      this.ready = new Promise((resolve) => script.addEventListener("load", resolve))
      script.src = address
      this.frame.document.head.append(script)
    }

    postMessage(data) {
      this.ready.then(() => this.frame.dispatchEvent(new MessageEvent("message", { data })))
    }
  }
}
