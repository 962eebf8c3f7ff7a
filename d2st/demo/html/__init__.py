"""What the page shows, as HTML: pure functions, no network and no Gradio."""
