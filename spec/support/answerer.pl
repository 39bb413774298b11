# answerer.pl - a loopback HTTP server that answers one request after the other from files
# SPDX-License-Identifier: MIT
#
# usage: perl answerer.pl FOLDER
#
# FOLDER/answer.N is the answer to the N-th request since FOLDER/begin was last there, the last one to all that follow: a line "STATUS MODE", then the
# body. Modes: plain; hang (no answer, ever); close (the connection ends without one); cut (half the body); huge (more
# than anybody reads); drip (a byte in 0.2 s). Each request is added to FOLDER/log, and FOLDER/port says where it
# listens. It ends by itself after half an hour.
use strict;
use warnings;
use IO::Socket::INET;

my $folder = shift;
my $server = IO::Socket::INET->new(Listen => 32, LocalAddr => '127.0.0.1', Proto => 'tcp') or die "listen: $!";
open my $port, '>', "$folder/port.new" or die;
print $port $server->sockport;
close $port;
rename "$folder/port.new", "$folder/port";
alarm 1800;
$SIG{PIPE} = 'IGNORE';

my ($count, @open) = (0);

# A new list of answers: what was open is left.
sub begin_anew {
    close $_ for @open;
    ($count, @open) = (0);
}

sub answer_of {
    my $n = shift;
    $n-- while $n > 1 && !-e "$folder/answer.$n";
    open my $file, '<:raw', "$folder/answer.$n" or return ('404', 'plain', '');
    local $/;
    my $text = <$file>;
    $text =~ s/^(\d+) (\w+)\n//s;
    return ($1, $2, $text);
}

while (my $client = $server->accept) {
    my ($head, $body) = ('', '');
    while ($head !~ /\r\n\r\n/) { sysread($client, $head, 4096, length $head) or last }
    ($head, $body) = ($1, $2) if $head =~ /^(.*?\r\n\r\n)(.*)$/s;
    my $length = $head =~ /^content-length: *(\d+)/im ? $1 : 0;
    while (length $body < $length) { sysread($client, $body, 4096, length $body) or last }
    next if $head eq '';
    begin_anew() if unlink "$folder/begin";
    open my $log, '>>:raw', "$folder/log" or die;
    print $log $head, $body, "\n--\n";
    close $log;
    my ($status, $mode, $text) = answer_of(++$count);
    if ($mode eq 'hang') { push @open, $client; next }
    if ($mode eq 'close') { close $client; next }
    $text = 'x' x 300000 if $mode eq 'huge';
    my $size = length $text;
    $text = substr $text, 0, $size / 2 if $mode eq 'cut';
    my $first = "HTTP/1.1 $status Answer\r\nContent-Length: $size\r\nConnection: close\r\n\r\n";
    if ($mode eq 'drip') {
        push @open, $client;
        if (!fork) {
            for my $byte (split //, $first . $text) { syswrite($client, $byte) or last; select undef, undef, undef, 0.2 }
            exit 0;
        }
        next;
    }
    syswrite $client, $first . $text;
    close $client;
}
