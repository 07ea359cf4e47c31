# Verifies DKIM signatures with Mail::DKIM. Input as for verify_dkimpy.py.
# Output: a line for each message with each signature's result. DNS answers
# come from the input; the resolver below never asks the network.
use strict;
use warnings;

use JSON::PP;
use MIME::Base64;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

package OfflineResolver {
    sub new { my ( $class, $records ) = @_; return bless { records => $records }, $class; }

    sub send {
        my ( $self, $name, $type ) = @_;
        my $answer = Net::DNS::Packet->new( $name, $type );
        $answer->header->rcode('NOERROR');
        my $value = $self->{records}{$name};
        if ( defined $value ) {
            my @strings = unpack '(A255)*', $value;
            my $rr = Net::DNS::RR->new( owner => $name, type => 'TXT', txtdata => \@strings );
            $answer->push( answer => $rr );
        }
        return $answer;
    }
    sub errorstring { return 'NOERROR' }
}

binmode STDIN;
while ( defined( my $length = <STDIN> ) ) {
    read STDIN, my $json, $length;
    my $case = decode_json($json);
    Mail::DKIM::DNS::resolver( OfflineResolver->new( $case->{dns} ) );
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT( decode_base64( $case->{raw} ) );
    $verifier->CLOSE;
    print join( ' ', map { ( $_->result || '?' ) . '(' . $_->algorithm . ')' } $verifier->signatures ) || 'none', "\n";
}
