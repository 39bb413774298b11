# raw.pl - a loopback HTTP server whose answers are bytes from files, whatever those are
# SPDX-License-Identifier: MIT
#
# usage: perl raw.pl FOLDER
#
# A request for /NAME, or /NAME/HOW, gets the bytes of FOLDER/answer.NAME, in one piece or as HOW says:
#
#   close    the same as without it: then the connection ends
#   bytes    byte by byte, as far as the network keeps them apart; then the connection ends
#   keep     then another request may follow on the connection
#   late     the first half, which may be all of an answer; the other half a little later; then as keep
#   early    before the request is read; only of the name that FOLDER/early holds
#
# Each request adds a line to FOLDER/log: the number of its connection and its number on that. FOLDER/port says where it
# listens. It ends by itself after half an hour.

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);

my $folder = shift;
alarm 1800;
$SIG{PIPE} = 'IGNORE';

sub content {
    my ($name) = @_;
    open my $file, '<:raw', "$folder/$name" or return '';
    local $/;
    return <$file> // '';
}

sub read_request {
    my ($client) = @_;
    my $text = '';
    while ($text !~ /\r\n\r\n/) { sysread $client, $text, 16384, length $text or return }
    my $missing = $text =~ /^content-length: *(\d+)/im ? $1 - (length($text) - index($text, "\r\n\r\n") - 4) : 0;
    while ($missing > 0) { $missing -= sysread($client, my $more, 16384) || return }
    return $text =~ m{^\w+ /(\w*)/?(\w*)};
}

sub answer {
    my ($client, $name, $how) = @_;
    my $bytes = content("answer.$name");
    if ($how eq 'bytes') {
        for (split //, $bytes) { syswrite $client, $_ or last }
    } elsif ($how eq 'late') {
        my $half = int(length($bytes) / 2);
        syswrite $client, substr $bytes, 0, $half;
        select undef, undef, undef, 0.05;
        syswrite $client, substr $bytes, $half;
        open my $done, '>>', "$folder/late" or die;
        syswrite $done, "x";
    } else {
        my $at = 0;
        while ($at < length $bytes) { $at += syswrite($client, $bytes, 65536, $at) || last }
    }
}

sub serve {
    my ($client, $number) = @_;
    my $nth = 0;
    my $early = content('early');
    setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1;
    answer($client, $early, 'close') if $early ne '';
    while (my ($name, $how) = read_request($client)) {
        open my $log, '>>', "$folder/log" or die;
        syswrite $log, $number . ' ' . ++$nth . "\n";
        close $log;
        answer($client, $name, $how) if $early eq '';
        next if $how eq 'keep' || $how eq 'late';
        shutdown $client, 1; # what is still unread would make a reset of the end
        while (IO::Select->new($client)->can_read(5)) { sysread $client, my $rest, 16384 or last }
        return;
    }
}

my $server = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', Proto => 'tcp') or die "listen: $!";
open my $port, '>', "$folder/port.new" or die $!;
print $port $server->sockport;
close $port;
rename "$folder/port.new", "$folder/port";

# A few that wait already, since a fork for each connection takes longer than the answer.
for my $worker (1 .. 8) {
    next if fork;
    alarm 1800;
    my $count = 0;
    while (1) {
        my $client = $server->accept or next; # a signal
        serve($client, $worker * 1000000 + ++$count);
        close $client;
    }
}
sleep 1800;
