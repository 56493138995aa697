#!/usr/bin/env perl
# A publisher of your own for natsby on hosts that have little: Perl's own modules and the NATS protocol, nothing else.
#
#     perl publisher.pl [subject] [messages a second]
#
# natsby starts two or more copies and gives each its own server in NATS_URL, NATS_USER and NATS_PASSWORD. What makes the
# copies replaceable is the number in each message, taken from the clock: both give the same number to the same moment.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

my $subject = $ARGV[0] // "test";
my $rate    = $ARGV[1] // 10;
my ($server) = $ENV{NATS_URL} =~ m{^nats://([^/]+)};
my $name  = $ENV{NATSBY_PUBLISHER} // "publisher.pl";
my $login = sprintf '{"user":"%s","pass":"%s","name":"publisher.pl","verbose":false,"pedantic":false,"lang":"perl","version":"1"}',
  $ENV{NATS_USER}, $ENV{NATS_PASSWORD};

$| = 1;
$SIG{TERM} = sub { exit 0 };
$SIG{PIPE} = "IGNORE";

# The number of this moment.
sub slot { return int(int(time() * 1000) * $rate / 1000) }

my $last = slot();    # begin with the next one: the copy that ran before may have sent this one

# Publishes until the connection ends, or the server is silent: what piled up there would be heard late.
sub publish_over {
    my ($nats) = @_;
    my ($asked, $waiting, $connected, $rest) = (time(), 1, 0, "");
    print $nats "CONNECT $login\r\nPING\r\n";
    while (1) {
        my $pause = ($last + 1) / $rate - time();
        $pause = $pause < 0.001 ? 0.001 : $pause > 0.25 ? 0.25 : $pause;
        if (IO::Select->new($nats)->can_read($pause)) {
            sysread($nats, $rest, 65536, length $rest) or die "the server hung up\n";
            while ($rest =~ s/^(.*?)\r\n//) {
                my $line = $1;
                if    ($line eq "PING") { print $nats "PONG\r\n" }
                elsif ($line eq "PONG") { ($waiting, $connected) = (0, 1) }
                elsif ($line =~ /^-ERR/) { print "$line\n" }
            }
        }
        die "the server does not answer\n" if $waiting && time() - $asked > 1;
        if (!$waiting && time() - $asked > 0.25) {
            print $nats "PING\r\n";
            ($asked, $waiting) = (time(), 1);
        }
        next unless $connected;

        # Every number once and never backwards; after a pause at most a second of them is caught up.
        my $now = slot();
        $last = $now - $rate if $last < $now - $rate;
        while ($last < $now) {
            $last++;
            my $body = qq({"publisher":"$name","seq":$last});
            printf $nats "PUB %s %d\r\n%s\r\n", $subject, length $body, $body;
        }
    }
}

while (1) {
    my $nats = IO::Socket::INET->new(PeerAddr => $server, Timeout => 1);
    if ($nats) {
        $nats->autoflush(1);
        # Or each message may wait up to 40 ms for the one before it to be acknowledged.
        setsockopt $nats, IPPROTO_TCP, TCP_NODELAY, 1;
        eval { publish_over($nats) };
        print $@ if $@;
    }
    sleep 0.1;
}
