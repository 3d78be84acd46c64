# A tiny HTTP/1.1 server: shows message.txt and the environment variable GREETING. A few worker processes; at SIGTERM each
# finishes the request it is at; a connection that waits for its next request is closed.
use strict;
use warnings;
use IO::Socket::INET;

my $port = $ENV{PORT} || 5000;
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 128, ReuseAddr => 1) or die "cannot listen on $port: $!";
$| = 1;
print "hello listens on port $port\n";

my $stop = 0;
my $idle = 1;  # no request is being answered

sub page {
    open(my $file, '<', 'message.txt') or die "cannot read message.txt: $!";
    my $message = join('', <$file>);
    my $greeting = $ENV{GREETING} || '';
    my $release = $ENV{DEIS_RELEASE} || 'no release';
    return "$message$greeting\n$release\n";
}

sub serve {
    my ($client) = @_;
    while (my $line = <$client>) {
        $idle = 0;
        my ($method, $path) = $line =~ /^([A-Z]+) (\S+) HTTP/ or last;
        my $close = 0;
        while (my $header = <$client>) {
            last if $header =~ /^\r?\n$/;
            $close = 1 if $header =~ /^connection:\s*close/i;
        }
        my $body = page();
        print "$method $path\n";
        print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " . length($body) . "\r\n"
            . ($close || $stop ? "Connection: close\r\n" : '') . "\r\n$body";
        $idle = 1;
        last if $close || $stop;
    }
    $idle = 1;
    close $client;
}

my @workers;
for (1 .. 4) {
    my $pid = fork();
    die "cannot fork: $!" unless defined $pid;
    if (!$pid) {
        $SIG{TERM} = sub { exit 0 if $idle; $stop = 1; };
        while (!$stop) {
            my $client = $listener->accept() or next;
            serve($client);
        }
        exit 0;
    }
    push @workers, $pid;
}
$SIG{TERM} = sub { kill 'TERM', @workers; };
1 while wait() > 0 || $!{EINTR};
