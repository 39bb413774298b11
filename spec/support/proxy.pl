# proxy.pl - a proxy for the HTTP specs that answers CONNECT as it is told
# SPDX-License-Identifier: MIT
#
# usage: perl proxy.pl FOLDER WHAT    WHAT: tunnel, hang, close, or an answer's status
#
# Listens on loopback, writes its port to FOLDER/port and each request's head to FOLDER/log, and ends
# by itself after half an hour.

use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($folder, $what) = @ARGV;
alarm 1800;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "listen: $!";
open my $out, '>', "$folder/port.new" or die $!;
print $out $listener->sockport;
close $out;
rename "$folder/port.new", "$folder/port";

sub tunnel {
    my ($client, $address) = @_;
    my $server = IO::Socket::INET->new($address) or return;
    syswrite $client, "HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n";
    my $select = IO::Select->new($client, $server);
    while (my @ready = $select->can_read(10)) {
        for my $from (@ready) {
            sysread($from, my $bytes, 65536) or return;
            syswrite(($from == $client ? $server : $client), $bytes);
        }
    }
}

sub serve {
    my ($client) = @_;
    my $head = '';
    while ($head !~ /\r\n\r\n/) {
        sysread($client, $head, 4096, length $head) or last;
    }
    open my $file, '>>', "$folder/log" or die $!;
    print $file $head;
    close $file;
    if ($what eq 'tunnel') {
        tunnel($client, $1) if $head =~ /^CONNECT (\S+) /;
    } elsif ($what eq 'hang') {
        IO::Select->new($client)->can_read(60);
    } elsif ($what ne 'close') {
        syswrite $client, "HTTP/1.1 $what Refused\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
            . "Content-Length: 2\r\n\r\nno";
    }
}

while (1) {
    my $client = $listener->accept or next; # a signal
    if (!fork) {
        alarm 1800;
        close $listener;
        serve($client);
        exit 0;
    }
    close $client;
}
