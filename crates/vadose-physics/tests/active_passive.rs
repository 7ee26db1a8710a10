//! NASA's own numbers: the 9 km cells of a real SPL2SMAP_S granule, disaggregated again.
//!
//! `golden/spl2smap_s_r17000/SOURCE.md` says where they come from and what was tried.

use vadose_physics::{ActivePassiveForm, Backscatter, CoarseCell, Covariation};

const VALUES: &str = include_str!("golden/spl2smap_s_r17000/values.csv");
const N_COARSE: usize = 113;

/// One 9 km cell: parameters, ancillary means, and its nine fine cells.
struct Block {
    covariation: Covariation,
    temperature_kelvin: f64,
    albedo: f64,
    tau_slant: f64,
    fine: Vec<Backscatter>,
    tb_v_kelvin: Vec<f64>,
}

fn blocks() -> Vec<Block> {
    let rows: Vec<Vec<f64>> = VALUES
        .lines()
        .skip(1)
        .map(|line| {
            line.split(',')
                .map(|text| text.parse().expect("a number"))
                .collect()
        })
        .collect();
    assert_eq!(rows.len(), 9 * N_COARSE);
    rows.chunks_exact(9)
        .map(|cells| {
            assert!(
                cells.iter().all(|cell| cell[..4] == cells[0][..4]),
                "one 9 km cell"
            );
            Block {
                covariation: Covariation {
                    beta: cells[0][2],
                    gamma: cells[0][3],
                },
                temperature_kelvin: mean(cells.iter().map(|cell| cell[4])),
                albedo: mean(cells.iter().map(|cell| cell[5])),
                tau_slant: mean(cells.iter().map(|cell| cell[6])),
                fine: cells
                    .iter()
                    .map(|cell| Backscatter {
                        copolarized: cell[7],
                        cross_polarized: cell[8],
                    })
                    .collect(),
                tb_v_kelvin: cells.iter().map(|cell| cell[9]).collect(),
            }
        })
        .collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(share * (values.len() - 1) as f64).round() as usize]
}

#[test]
fn disaggregated_temperatures_are_nasas() {
    /// The granule does not hold the temperature of the 9 km cell, only that of its fine cells,
    /// whose mean lies some tenths of a kelvin beside it: 1e-3 of a spread of up to 40 K.
    const MAX_DIFF_KELVIN: f64 = 0.05;
    const MAX_RMSD_KELVIN: f64 = 0.005;
    let (mut squares, mut worst, mut spread) = (0.0, 0.0_f64, 0.0_f64);
    for block in blocks() {
        let coarse = CoarseCell {
            tb_kelvin: mean(block.tb_v_kelvin.iter().copied()),
            form: ActivePassiveForm::Emissivity {
                temperature_kelvin: block.temperature_kelvin,
            },
            covariation: block.covariation,
        };
        let tb = coarse.disaggregate(&block.fine);
        for (ours, nasa) in tb.iter().zip(&block.tb_v_kelvin) {
            squares += (ours - nasa).powi(2);
            worst = worst.max((ours - nasa).abs());
            spread = spread.max((nasa - coarse.tb_kelvin).abs());
        }
    }
    let rmsd = (squares / (9.0 * N_COARSE as f64)).sqrt();
    assert!(spread > 10.0, "{spread}");
    assert!(worst < MAX_DIFF_KELVIN, "{worst}");
    assert!(rmsd < MAX_RMSD_KELVIN, "{rmsd}");
}

#[test]
fn beta_of_a_single_pass_is_near_nasas() {
    let mut ratios: Vec<f64> = blocks()
        .iter()
        // NASA writes exactly -1 above -1, and -3 far below.
        .filter(|block| ![-1.0, -3.0].contains(&block.covariation.beta))
        .map(|block| {
            let cell = Backscatter {
                copolarized: mean(block.fine.iter().map(|fine| fine.copolarized)),
                cross_polarized: mean(block.fine.iter().map(|fine| fine.cross_polarized)),
            };
            let found = Covariation::snapshot(
                mean(block.tb_v_kelvin.iter().copied()),
                block.temperature_kelvin,
                block.albedo,
                block.tau_slant,
                cell,
                block.covariation.gamma,
            );
            found.expect("valid inputs").beta / block.covariation.beta
        })
        .collect();
    assert!(ratios.len() > 80, "{}", ratios.len());
    let [low, median, high] = [0.05, 0.5, 0.95].map(|share| quantile(&mut ratios, share));
    assert!((0.98..1.02).contains(&median), "{median}");
    assert!(low > 0.90 && high < 1.06, "{low} {high}");
}
