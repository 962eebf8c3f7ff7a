"""Start the demo in the browser: python app.py"""

import sys

from d2st.demo.launch import Parser, add_arguments, run


def main() -> int:
    parser = Parser(description="Few-shot action recognition with the D²ST-Adapter, in the browser.")
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
