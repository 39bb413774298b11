# peer.pl - the other side of a connection, or of a name server's socket, that behaves badly
# SPDX-License-Identifier: MIT
#
# usage: perl peer.pl FOLDER WHAT
#   dns   a name server: elsewhere.example is 127.0.0.1, names below "silent" get no answer, others do not exist
#   full  listens, but its queue is full: no connection comes to stand
#   deaf  takes a connection and reads nothing
#   sip   takes a connection and reads a little, again and again
#
# Listens on loopback, writes its port to FOLDER/port, and ends by itself after half an hour.

use strict;
use warnings;
use IO::Socket::INET;

my ($folder, $what) = @ARGV;
alarm 1800;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';

sub ready {
    my ($socket) = @_;
    open my $out, '>', "$folder/port.new" or die $!;
    print $out $socket->sockport;
    close $out;
    rename "$folder/port.new", "$folder/port";
}

sub dns {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or die "udp: $!";
    ready($socket);
    while (1) {
        $socket->recv(my $query, 512) or next;
        next if length $query < 17;
        my ($name, $at) = ('', 12);
        while (my $length = ord substr $query, $at, 1) {
            $name .= substr($query, $at + 1, $length) . '.';
            $at += $length + 1;
        }
        my $question = substr $query, 12, $at + 5 - 12;
        my $type = unpack 'n', substr $query, $at + 1, 2;
        next if $name =~ /silent\.$/;
        my $known = $name eq 'elsewhere.example.' && $type == 1;
        my $answer = $known ? pack('nnnNn', 0xc00c, 1, 1, 60, 4) . "\x7f\0\0\1" : '';
        my $flags = $name eq 'elsewhere.example.' ? 0x8180 : 0x8183;
        $socket->send(substr($query, 0, 2) . pack('nnnnn', $flags, 1, $known ? 1 : 0, 0, 0) . $question . $answer);
    }
}

# A queue holds one connection more than it is told.
sub full {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "listen: $!";
    listen $listener, 0;
    my @waiting = map {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport, Blocking => 0)
    } 1 .. 3;
    select undef, undef, undef, 0.2;
    ready($listener);
    sleep 1800;
}

sub listening {
    my ($serve) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "listen: $!";
    setsockopt $listener, SOL_SOCKET, SO_RCVBUF, 4096;
    ready($listener);
    while (1) {
        my $client = $listener->accept or next; # a signal
        if (!fork) {
            alarm 1800;
            close $listener;
            $serve->($client);
            exit 0;
        }
        close $client;
    }
}

my %modes = (
    dns => \&dns,
    full => \&full,
    deaf => sub { listening(sub { sleep 1800 }) },
    sip => sub {
        listening(sub {
            my ($client) = @_;
            while (sysread $client, my $bytes, 4096) {
                select undef, undef, undef, 0.05;
            }
        })
    },
);
($modes{$what} or die "what?")->();
