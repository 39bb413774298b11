# dns.pl - a name server that knows nothing, says so or is silent
# SPDX-License-Identifier: MIT
#
# usage: perl dns.pl WHAT    WHAT: silent, nxdomain, servfail. It listens on 127.0.0.1:53, prints "ready" and ends after
# ten minutes.

use strict;
use warnings;
use IO::Socket::INET;

my ($what) = @ARGV;
my %codes = (nxdomain => 3, servfail => 2);
alarm 600;
$| = 1;
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 53, Proto => 'udp') or die "udp: $!";
print "ready\n";
while (1) {
    defined $socket->recv(my $query, 4096) or next;
    my $code = $codes{$what} or next;
    my ($id, $flags, $questions) = unpack 'nnn', $query;
    # the question as it came, without further records
    my ($question) = substr($query, 12) =~ /\A((?:[\x01-\x3f].*?)?\x00.{4})/s or next;
    $socket->send(pack('nnnnnn', $id, 0x8180 | $code, 1, 0, 0, 0) . $question);
}
