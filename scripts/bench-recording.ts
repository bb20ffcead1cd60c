/* `npm run bench:recording`: what it measures, and how, stands in bench/recording.ts. */
import '../bench/recording.ts';
