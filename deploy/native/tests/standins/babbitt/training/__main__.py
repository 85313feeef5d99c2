from standin import main

main("training")
