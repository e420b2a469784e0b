module deltic/bench/delay_proxy

go 1.21
