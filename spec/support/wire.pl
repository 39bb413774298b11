# wire.pl - stands before a server and breaks connections where it is told
# SPDX-License-Identifier: MIT
#
# usage: perl wire.pl FOLDER UPSTREAM-PORT [ADDRESS [PORT]]
#
# Listens on ADDRESS (127.0.0.1), writes its port to FOLDER/port, and reads for each connection what to do from
# FOLDER/act: a name and a number. At the end of each connection a line goes to FOLDER/log: the name, and how many bytes
# of requests (TLS application data, or all of what is no TLS) the client had sent by then. It ends by itself.
#
#   close             closes at once                     reset            resets at once
#   hello-close       reads the first bytes, closes      hello-reset      the same, resets
#   hello-hang        the same, then silence             hello-garbage    the same, answers bytes that are nothing
#   hello-alert       the same, answers a TLS alert      hello-text       the same, answers a line of text
#   relay             passes everything on
#   half-close        passes on all up to half of the first request's bytes, then closes
#   half-reset        the same, resets
#   stuck N           reads N bytes of the request, passes nothing on, resets
#   idle-reset        passes all on, and resets a little after an answer
#   cut-answer        passes the whole request on, then half of the first bytes that come back, and resets
#   end-answer        passes on the whole request and the first bytes that come back, and ends without a goodbye of TLS
#   reset-answer      the same, and resets
#   full              never accepts: its queue is full

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF);

my ($folder, $upstream, $address, $port) = @ARGV;
my $life = 1800;
my $records = 0;    # bytes of requests
alarm $life;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';

sub content {
    my ($name) = @_;
    open my $file, '<', "$folder/$name" or return '';
    local $/;
    my $text = <$file>;
    return $text // '';
}

sub publish {
    my ($name, $text) = @_;
    open my $file, '>', "$folder/$name.new" or die $!;
    print $file $text;
    close $file;
    rename "$folder/$name.new", "$folder/$name" or die $!;
}

sub note {
    my ($name) = @_;
    open my $file, '>>', "$folder/log" or die $!;
    syswrite $file, "$name $records\n";
    close $file;
}

# Closing sends a reset then, whatever was read.
sub reset_at_close {
    setsockopt $_[0], SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) or die $!;
}

# Until the client has read what it was sent, where the system tells: a reset throws away the rest.
sub await_reading {
    my ($client) = @_;
    my $socket = sprintf ':%04X [0-9A-F]{8}:%04X', $client->peerport, $client->sockport;
    for (1 .. 3000) {
        select undef, undef, undef, 0.02;
        open my $file, '<', '/proc/net/tcp' or return;
        return if !grep { /$socket 01 [0-9A-F]{8}:(?!0{8})/ } <$file>;
    }
}

sub first_bytes {
    my ($client) = @_;
    sysread $client, my $bytes, 65536;
    return $bytes;
}

my %answers = (
    'hello-garbage' => join('', map { chr(($_ * 89 + 3) % 256) } 1 .. 300),
    'hello-alert' => "\x15\x03\x03\x00\x02\x02\x28",
    'hello-text' => "220 mail.example ESMTP\r\n",
);

sub before_tls {
    my ($client, $act) = @_;
    if ($act eq 'reset') {
        reset_at_close($client);
        return;
    }
    return if $act eq 'close';
    first_bytes($client);
    reset_at_close($client) if $act eq 'hello-reset';
    syswrite $client, $answers{$act} if $answers{$act};
    IO::Select->new($client)->can_read(60) if $act eq 'hello-hang';
}

# How many bytes of the request are in what a client sends next: those in records of TLS application data, or all
# where the first byte begins no handshake.
my ($tls, $head, $type, $left) = (undef, '', 0, 0);

sub request_bytes {
    my ($bytes) = @_;
    my $sum = 0;
    $tls //= $bytes =~ /\A\x16/;
    return length $bytes if !$tls;
    while (length $bytes) {
        if ($left) {
            my $part = substr $bytes, 0, $left, '';
            $left -= length $part;
            $sum += length $part if $type == 23;
        } else {
            $head .= substr $bytes, 0, 5 - length $head, '';
            ($type, undef, $left, $head) = (unpack('Cnn', $head), '') if length $head == 5;
        }
    }
    return $sum;
}

# Passes on until the act ends it. True to reset.
sub relay {
    my ($client, $server, $act, $number) = @_;
    my $select = IO::Select->new($client, $server);
    while (my @ready = $select->can_read(60)) {
        for my $from (@ready) {
            sysread($from, my $bytes, 16384) or return 0;
            if ($from == $client) {
                my $count = request_bytes($bytes);
                $records += $count;
                if ($count && $act =~ /^half-(.*)/) {
                    syswrite $server, substr($bytes, 0, int(length($bytes) / 2));
                    return $1 eq 'reset';
                }
                next if $act eq 'stuck' && $count && $records < $number;
                return 1 if $act eq 'stuck' && $count;
                syswrite $server, $bytes;
            } elsif ($records && $act eq 'cut-answer') {
                syswrite $client, substr($bytes, 0, int(length($bytes) / 2));
                await_reading($client);
                return 1;
            } else {
                syswrite $client, $bytes;
                return 0 if $records && $act eq 'end-answer';
                if ($records && $act eq 'reset-answer') {
                    await_reading($client);
                    return 1;
                }
                return 1 if $records && $act eq 'idle-reset' && !$select->can_read(0.02);
            }
        }
    }
    return 0;
}

sub serve {
    my ($client) = @_;
    my ($act, $number) = split ' ', content('act');
    if ($act =~ /^(close|reset|hello-.*)$/) {
        before_tls($client, $act);
    } else {
        my $server = IO::Socket::INET->new("127.0.0.1:$upstream") or die "upstream: $!";
        reset_at_close($client) if relay($client, $server, $act, $number || 0);
        close $server;
    }
    note($act);
    close $client;
}

my $full = content('act') =~ /^full/;
my $listener = IO::Socket::INET->new(
    LocalAddr => $address || '127.0.0.1', LocalPort => $port || 0, Listen => $full ? 1 : 64, ReuseAddr => 1,
    Proto => 'tcp',
) or die "listen: $!";
my @waiting;
if ($full) {
    my $to = sockaddr_in($listener->sockport, Socket::inet_aton($address || '127.0.0.1'));
    for (1 .. 8) {
        my $one = IO::Socket::INET->new(Proto => 'tcp', Blocking => 0) or die $!;
        connect $one, $to;
        push @waiting, $one;
    }
} else {
    setsockopt $listener, SOL_SOCKET, SO_RCVBUF, 8192 if content('act') =~ /^stuck/;
}
publish('port', $listener->sockport);
sleep $life if $full;

while (1) {
    my $client = $listener->accept or next;    # a signal
    if (!fork) {
        alarm $life;
        close $listener;
        serve($client);
        exit 0;
    }
    close $client;
}
