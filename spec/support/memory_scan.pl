# memory_scan.pl - runs a program and searches its memory for a secret, each time it asks for that
# SPDX-License-Identifier: MIT
#
# usage: perl memory_scan.pl FILE PROGRAM...
#
# FILE holds the secret. The program prints a word in a line and waits for a line on its input; meanwhile every readable
# part of its memory is searched for the secret, its first half and its last, also with each byte in a record of 12
# bytes, as src/plain.h has them. Prints the word and the number of hits.
use strict;
use warnings;
use IPC::Open2;

my $file = shift;
open my $in, '<:raw', $file or die "$file: $!";
my $secret = do { local $/; <$in> };
$secret =~ s/\s+$//;
die 'the secret is too short' if length $secret < 12;
my $half = int(length($secret) / 2);
my @needles = ($secret, substr($secret, 0, $half), substr($secret, $half));
my @records = map { my $text = join '.{11}', map { quotemeta } split //; qr/$text/s }
    substr($secret, 0, 8), substr($secret, -8);

sub hits {
    my $pid = shift;
    open my $maps, '<', "/proc/$pid/maps" or die "maps: $!";
    open my $memory, '<:raw', "/proc/$pid/mem" or die "mem: $!";
    my ($found, $bytes) = (0, 0);
    while (<$maps>) {
        next unless /^([0-9a-f]+)-([0-9a-f]+) r/;
        next if /\[v(var|syscall)/;
        no warnings 'portable';
        my ($start, $length) = (hex $1, hex($2) - hex $1);
        sysseek($memory, $start, 0) or next;
        my $text = '';
        while (length $text < $length) {
            my $n = sysread $memory, $text, $length - length $text, length $text;
            last unless $n;
        }
        $bytes += length $text;
        for my $needle (@needles) {
            my $at = -1;
            $found++ while ($at = index $text, $needle, $at + 1) >= 0;
        }
        for my $record (@records) {
            $found++ while $text =~ /$record/g;
        }
    }
    die "nothing could be read" if $bytes < 100000;
    return $found;
}

my $pid = open2(my $from, my $to, @ARGV);
while (my $word = <$from>) {
    chomp $word;
    print "$word ", hits($pid), "\n";
    print $to "\n";
    $to->flush;
}
waitpid $pid, 0;
exit $? >> 8;
