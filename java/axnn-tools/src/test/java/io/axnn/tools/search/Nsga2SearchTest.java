package io.axnn.tools.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What NSGA-II finds of true fronts, known from evaluating everything. */
@Timeout(120)
class Nsga2SearchTest {
  @Test
  void tune() throws InterruptedException {
    for (double limit : new double[] {1, 3, 10})
    for (int budget : new int[] {300, 600, 1000}) {
      double share = 0, gap = 0, share2 = 0, gap2 = 0, ggap = 0, gn = 0; double worst = 1, worst2 = 1; int opt = 0, opt2 = 0, gopt = 0;
      int n = 20;
      for (long seed = 0; seed < n; seed++) {
        SyntheticNetwork network = new SyntheticNetwork(6, 4, seed);
        List<Solution> front = network.front();
        double least = network.leastPower(limit);
        SearchResult g = new GreedySearch(limit, 100000).run(network.space(), network, SearchProgress.NONE);
        SearchResult r = Nsga2Search.of(limit, budget).run(network.space(), network, SearchProgress.NONE);
        SearchResult r2 = Nsga2Search.of(limit, budget).withStart(g.front().stream().map(Solution::assignment).toList()).run(network.space(), network, SearchProgress.NONE);
        double s = SyntheticNetwork.share(front, r.front()); share += s / n; worst = Math.min(s, worst);
        s = SyntheticNetwork.share(front, r2.front()); share2 += s / n; worst2 = Math.min(s, worst2);
        gap += (r.best().power() / least - 1) / n; if (r.best().power() == least) opt++;
        gap2 += (r2.best().power() / least - 1) / n; if (r2.best().power() == least) opt2++;
        ggap += (g.best().power() / least - 1) / n; if (g.best().power() == least) gopt++;
        gn += 1.0 * g.evaluated().size() / n;
      }
      System.out.printf(Locale.ROOT, "limit %.0f budget %d: nsga share %.2f worst %.2f gap %.4f opt %d | from greedy %.2f %.2f %.4f %d | greedy gap %.4f opt %d evals %.0f%n", limit, budget, share, worst, gap, opt, share2, worst2, gap2, opt2, ggap, gopt, gn);
    }
  }
}
