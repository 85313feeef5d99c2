from babbitt.gateway.cli import main

main()
