// The machine's perl in place of the image's.
import path from 'node:path'

/** What the file is called in the container's scratch directory. */
const MODULE = 'PodiumBpi'

/**
 * bignum of Perl 5.36 turns floats that happen to be whole into integers in the middle of computing pi, and dies of it with
 * two thousand digits; the versions before and after do not. This keeps them floats meanwhile.
 */
const BPI_WITHOUT_DOWNGRADING = `package ${MODULE};
use strict;
use warnings;
require Math::BigFloat;
my $bpi = \\&Math::BigFloat::bpi;
no warnings 'redefine';
*Math::BigFloat::bpi = sub {
    my ($up, $down) = (Math::BigFloat->upgrade, Math::BigFloat->downgrade);
    Math::BigFloat->upgrade(undef);
    Math::BigFloat->downgrade(undef);
    my $pi = eval { $bpi->(@_) };
    my $error = $@;
    Math::BigFloat->upgrade($up);
    Math::BigFloat->downgrade($down);
    die $error if $error;
    return $pi;
};
1;
`

/** Files that the image brings. */
export function perlFiles(): Record<string, string> {
  return { [`${MODULE}.pm`]: BPI_WITHOUT_DOWNGRADING }
}

/** A command line of the image: `perl` is the machine's, with a sound `bpi` where bignum is asked for. */
export function perlCommand(
  perl: string,
  [first = 'perl', ...rest]: readonly string[],
  scratch: string,
): readonly string[] {
  if (path.basename(first) !== 'perl') return [first, ...rest]
  const counts = rest.some((arg) => /^-Mbig(num|float|rat)\b/.test(arg))
  return counts ? [perl, `-I${scratch}`, `-M${MODULE}`, ...rest] : [perl, ...rest]
}
