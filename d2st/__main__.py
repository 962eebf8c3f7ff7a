from d2st.cli import main

raise SystemExit(main())
