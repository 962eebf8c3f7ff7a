"""Start the demo in the browser: python app.py"""

import sys

from d2st.demo.launch import Parser, add_arguments, run, say_in_any_code_page


def main() -> int:
    say_in_any_code_page()
    parser = Parser(description="Few-shot action recognition with the D²ST-Adapter, in the browser.")
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
