from standin import main

main("signals")
